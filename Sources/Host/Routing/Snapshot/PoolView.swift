package import SluiceBase

/// The endpoints of one pool that may be used, in the order of its document.
package struct PoolView: Sendable, BitwiseCopyable {
    let record: PoolRecord
    package let reference: PoolReference
    /// The name of the pool's document; lives as long as the snapshot.
    package let name: Bytes
    let members: TableView<MemberRecord>

    package var endpointCount: Int { Int(record.memberCount) }

    package var balancing: Balancing { record.balancing }

    /// The time to connect; nil is the host's setting, `Clock.never` is none.
    package var connectTimeoutNanoseconds: UInt64? { record.connectTimeout }

    /// How long an unused connection is kept; nil is the host's setting, `Clock.never` is for ever.
    package var idleTimeoutNanoseconds: UInt64? { record.idleTimeout }

    /// The version of the PROXY protocol header that each connection begins with; 0: none.
    package var proxyVersion: UInt8 { record.proxyVersion }

    package func endpoint(at index: Int) -> EndpointReference {
        precondition(index >= 0 && index < endpointCount, "endpoint of another pool")
        return members[Int(record.firstMember) &+ index].endpoint
    }

    /// Draws an endpoint's index by weight; `random` is uniform over 64 bits.
    ///
    /// At least one exists.
    package func draw(random: UInt64) -> Int {
        if !record.isWeighted {
            return Int(random.multipliedFullWidth(by: UInt64(record.memberCount)).high)
        }
        let draw = random.multipliedFullWidth(by: record.weightTotal).high
        let first = Int(record.firstMember)
        var low = 0
        var high = endpointCount &- 1
        while low < high {
            let middle = (low &+ high) / 2
            if members[first &+ middle].upTo <= draw { low = middle &+ 1 } else { high = middle }
        }
        return low
    }

    /// Draws two indices, different ones unless weights differ or only one exists.
    package func drawTwo(_ random: UInt64, _ another: UInt64) -> (Int, Int) {
        let one = draw(random: random)
        guard !record.isWeighted, endpointCount > 1 else { return (one, draw(random: another)) }
        let rest = UInt64(endpointCount &- 1)
        let other = one &+ 1 &+ Int(another.multipliedFullWidth(by: rest).high)
        return (one, other < endpointCount ? other : other &- endpointCount)
    }
}
