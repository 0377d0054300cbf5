internal import SluiceBase
internal import SluiceConfig

/// Pools: their members of all documents, and the slots of their endpoints.
extension Compiling {
    mutating func add(_ pool: PoolForm, _ numbers: inout Numbers) {
        let context = pool.tls.flatMap { self.context(of: $0, pool.key, &numbers) }
        if pool.tls != nil && context == nil { return }
        guard let slot = numbers.pools.reference(to: pool.key, use: generation) else {
            return report(
                .tooMany,
                .object,
                pool.key,
                "\(Numbers.poolsMax) pools are known: this one is left out; remove others"
            )
        }
        let reference = PoolReference(slot: slot.slot, generation: slot.generation)
        let first = builder.members.count
        var total: UInt64 = 0
        let members = members(of: pool)
        for (owner, member) in members {
            let identity = EndpointIdentity(
                address: member.place.address,
                port: member.place.port,
                transport: pool.transport,
                context: context
            )
            guard let slot = numbers.endpoints.reference(to: identity, use: generation) else {
                report(
                    .tooMany,
                    .warning,
                    owner,
                    pointer: member.pointer,
                    "all endpoint slots are taken: the endpoint is left out; "
                        + "remove endpoints or raise the limit"
                )
                continue
            }
            let endpoint = EndpointReference(slot: slot.slot, generation: slot.generation)
            total += member.weight
            builder.members.append(MemberRecord(endpoint: endpoint, upTo: total))
            fill(endpoint, identity)
        }
        poolReferences[pool.key] = reference
        builder.keys.put(
            scope: RoutingView.poolScope,
            PoolName.key(instance: pool.key.instance, pool.key.name),
            value: Int32(reference.slot)
        )
        while builder.pools.count <= reference.slot { builder.pools.append(.unused) }
        let weight = members.first?.endpoint.weight
        builder.pools[Int(reference.slot)] = PoolRecord(
            generation: reference.generation,
            name: builder.keep(pool.key.name),
            firstMember: Int32(first),
            memberCount: Int32(builder.members.count - first),
            weightTotal: total,
            isWeighted: members.contains { $0.endpoint.weight != weight },
            balancing: pool.balancing,
            connectTimeout: pool.connectTimeoutNanoseconds,
            idleTimeout: pool.idleTimeoutNanoseconds,
            proxyVersion: pool.proxyVersion,
            context: context
        )
    }

    /// The endpoints that take requests: the ready ones, else those that serve while terminating.
    ///
    /// Of one that several documents name the first counts: the pool's own, then its slices by
    /// name.
    private func members(
        of pool: PoolForm
    ) -> [(owner: DocumentKey, endpoint: EndpointForm)] {
        let parts =
            [(pool.key, pool.endpoints)] + (slices[pool.key] ?? []).map { ($0.key, $0.endpoints) }
        let hasReady = parts.contains { $1.contains(where: \.isReady) }
        var members: [(owner: DocumentKey, endpoint: EndpointForm)] = []
        var known: Set<EndpointForm.Place> = []
        for (owner, endpoints) in parts {
            let fresh = endpoints.filter { $0.isReady == hasReady && !known.contains($0.place) }
            members += fresh.map { (owner, $0) }
            known.formUnion(fresh.lazy.map(\.place))
        }
        return members
    }

    /// A slice of a pool that is there but left out needs no word of its own.
    mutating func reportStraySlices() {
        for (pool, slices) in slices where world.documents[pool] == nil {
            for slice in slices {
                report(
                    .unknownPool,
                    .object,
                    slice.key,
                    pointer: "/pool",
                    "there is no pool \"\(pool.name)\": the endpoints are left out"
                )
            }
        }
    }

    private mutating func fill(
        _ endpoint: EndpointReference,
        _ identity: EndpointIdentity
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
