internal import SimulatedKernel
package import SluiceBase
internal import SluiceHTTP
internal import SluiceServe
internal import SluiceTelemetry

extension HTTPInvariants {
    /// A script for a client and an origin around an upgrade, played against a worker: bytes of a
    /// tunnel pass whole and in order, nothing in them is a request, a refused upgrade leaves an
    /// HTTP connection, and everything comes back.
    package static func tunnel(_ bytes: Bytes) -> String? {
        guard bytes.count > 3 else { return nil }
        do {
            var world = try TunnelWorld(TunnelScript(bytes))
            try world.run()
            return TunnelJudge(world).breach
        } catch {
            return "the worker has no memory: \(error)"
        }
    }
}

/// What must hold when a script has been played.
private struct TunnelJudge {
    private let world: TunnelWorld
    private let isHonest: Bool
    /// What the client asked.
    private let requests: MessageWalk
    /// What it was answered.
    private let replies: MessageWalk
    /// What each connection of the origin was asked.
    private let asked: [MessageWalk]
    /// What the origin answered on each.
    private let answers: [MessageWalk]

    init(_ world: TunnelWorld) {
        self.world = world
        isHonest = world.script.isHonest
        requests = .requests(world.client.sent)
        replies = .replies(world.client.received, to: requests.messages.map(\.method))
        let asked = world.origins.map { MessageWalk.requests($0.received) }
        self.asked = asked
        answers = zip(world.origins, asked).map { peer, walk in
            .replies(peer.sent, to: walk.messages.map(\.method))
        }
    }

    var breach: String? {
        if let lost { return lost }
        switch replies.rest {
        case .faulty: return "the client got what is no reply"
        case .switched(let place, _): return tunnel(place)
        case .none, .partialHead, .partialBody: return exchanges
        }
    }

    private func count(_ counter: Counter) -> Int { world.count(counter) }

    // MARK: memory

    private var lost: String? {
        guard let use = world.use, use.isNone else {
            return "something was never given back: \(String(describing: world.use))"
        }
        let net = world.net
        guard net.freeBuffers.count == net.arena.count else { return "receive buffers are lost" }
        guard net.sockets.values.allSatisfy(\.isListening) else { return "a descriptor is open" }
        return count(.tunnelsActive) == 0 ? nil : "a tunnel is still counted"
    }

    // MARK: an accepted upgrade

    private func tunnel(_ place: Int) -> String? {
        let number = replies.messages.count
        guard number < requests.messages.count, requests.messages[number].isUpgrade else {
            return "the client got a 101 that it did not ask for"
        }
        guard count(.requests) == number + 1, count(.tunnels) == 1 else {
            return "\(count(.requests)) requests and \(count(.tunnels)) tunnels were counted"
        }
        let down = world.client.received[place...]
        let up = world.client.sent[requests.messages[number].headEnd...]
        let breaches = world.origins.indices.map { tunnel($0, up, down) }
        return breaches.contains(nil) ? nil : breaches.compactMap { $0 }.joined(separator: "; ")
    }

    /// Whether the tunnel may lead to one connection of the origin; nil when it may.
    private func tunnel(
        _ origin: Int,
        _ up: ArraySlice<UInt8>,
        _ down: ArraySlice<UInt8>
    ) -> String? {
        let number = answers[origin].messages.count
        let heads = asked[origin].messages
        guard case .switched(let place, true) = answers[origin].rest else {
            return "connection \(origin) of the origin was not switched"
        }
        let peer = world.origins[origin]
        let went = peer.sent[place...]
        guard went.starts(with: down) else { return "the client got other bytes than were sent" }
        // Who breaks a connection off need not have read what came.
        if !isHonest, number >= heads.count { return nil }
        guard number < heads.count, heads[number].isUpgrade else {
            return "connection \(origin) of the origin was not asked for an upgrade"
        }
        let came = peer.received[heads[number].headEnd...]
        guard up.starts(with: came) else { return "the origin got other bytes than were sent" }
        guard isHonest else { return nil }
        guard came.count == up.count else { return "the origin got \(came.count) of \(up.count)" }
        guard down.count == went.count else {
            return "the client got \(down.count) of \(went.count)"
        }
        let ends = zip(world.client.rests.suffix(peer.rests.count), peer.rests)
        let isPassedOn = ends.allSatisfy { $0.sawEnd == $1.hasEnded && $1.sawEnd == $0.hasEnded }
        return isPassedOn ? nil : "the ends were client \(world.client.rests), origin \(peer.rests)"
    }

    // MARK: no accepted upgrade

    private var exchanges: String? {
        // A client that is gone, or cut off, need not see its 101.
        guard count(.tunnels) == 0 else { return isHonest ? "a tunnel without a 101" : nil }
        let heads = requests.messages.count
        // What is no request is refused, and counts as one.
        guard count(.requests) <= heads + 1, replies.messages.count <= heads + 1 else {
            return "\(count(.requests)) requests and \(replies.messages.count) replies of \(heads)"
        }
        for (place, walk) in asked.enumerated() {
            if case .faulty = walk.rest {
                return "connection \(place) of the origin got no request"
            }
        }
        let forwarded = asked.reduce(0) { $0 + $1.messages.count }
        guard forwarded <= heads + count(.upstreamRetries) else {
            return "\(forwarded) requests were forwarded of \(heads)"
        }
        return isHonest ? unanswered : nil
    }

    /// With honest peers an upgrade that was agreed to is one, and each request is answered until
    /// a reply says that it is the last.
    private var unanswered: String? {
        if let first = answers.first, case .switched(_, true) = first.rest,
            first.messages.isEmpty, first.interimCount < 100, !world.origins[0].isEarly,
            asked[0].messages.first?.isUpgrade ?? false
        {
            return "an upgrade was agreed to and not passed on"
        }
        guard case .none = replies.rest, count(.clientsGone) == 0, count(.shedMemory) == 0 else {
            return nil
        }
        guard replies.messages.allSatisfy(\.keepsAlive) else { return nil }
        let answered = replies.wholeCount
        return answered >= requests.wholeCount
            ? nil : "\(answered) of \(requests.wholeCount) requests were answered"
    }
}
