internal import SluiceBase

/// Pools: their members, and the slots of their endpoints.
extension Compiling {
    mutating func add(_ pool: PoolForm, _ endpoints: inout EndpointInterner) {
        let first = builder.members.count
        var total: UInt64 = 0
        for member in pool.members {
            let identity = EndpointInterner.Identity(address: member.address, port: member.port)
            guard let endpoint = endpoints.reference(to: identity, use: generation) else {
                report(
                    .tooMany,
                    .warning,
                    pool.key,
                    pointer: member.pointer,
                    "all endpoint slots are taken: the endpoint is left out; "
                        + "remove endpoints or raise the limit"
                )
                continue
            }
            total += member.weight
            builder.members.append(MemberRecord(endpoint: endpoint, upTo: total))
            fill(endpoint, identity)
        }
        poolNumbers[pool.key] = Int32(builder.pools.count)
        let weight = pool.members.first?.weight
        builder.pools.append(
            PoolRecord(
                name: builder.keep(pool.key.name),
                firstMember: Int32(first),
                memberCount: Int32(builder.members.count - first),
                weightTotal: total,
                isWeighted: pool.members.contains { $0.weight != weight },
                balancing: pool.balancing,
                connectTimeout: pool.connectTimeoutNanoseconds,
                idleTimeout: pool.idleTimeoutNanoseconds
            )
        )
    }

    private mutating func fill(
        _ endpoint: EndpointReference,
        _ identity: EndpointInterner.Identity
    ) {
        let slot = Int(endpoint.slot)
        while builder.endpoints.count <= slot { builder.endpoints.append(.unused) }
        guard builder.endpoints[slot].generation == 0 else { return }
        let socketAddress = identity.address.socketAddress(port: identity.port)
        builder.endpoints[slot] = EndpointRecord(
            generation: endpoint.generation,
            socketAddress: builder.keys.keep(socketAddress),
            authority: builder.keep(identity.address.authority(port: identity.port))
        )
    }
}
