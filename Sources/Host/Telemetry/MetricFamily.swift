/// A metric of the host: its name, what kind it is, and one sentence for those who read it.
package struct MetricFamily: Sendable, Equatable {
    /// The kinds of the text exposition format.
    package enum Kind: String, Sendable {
        case counter
        case gauge
    }

    package let name: String
    package let kind: Kind
    package let help: String

    package init(_ name: String, _ kind: Kind, _ help: String) {
        self.name = name
        self.kind = kind
        self.help = help
    }
}

extension MetricFamily {
    static let requests = MetricFamily(
        "sluice_requests_total",
        .counter,
        "Request heads that were read whole."
    )
    static let responses = MetricFamily(
        "sluice_responses_total",
        .counter,
        "Responses by class of their status, interim ones included."
    )
    static let localReplies = MetricFamily(
        "sluice_local_replies_total",
        .counter,
        "Responses the host made itself, by the reason."
    )
    static let connections = MetricFamily(
        "sluice_connections_accepted_total",
        .counter,
        "Downstream connections accepted."
    )
    static let connectionsClosed = MetricFamily(
        "sluice_connections_closed_total",
        .counter,
        "Downstream connections closed."
    )
    static let connectionsActive = MetricFamily(
        "sluice_connections_active",
        .gauge,
        "Downstream connections open now."
    )
    static let handshakes = MetricFamily(
        "sluice_tls_handshakes_total",
        .counter,
        "TLS handshakes of clients by result; a failed one may have been complete before."
    )
    static let acceptPauses = MetricFamily(
        "sluice_accept_pauses_total",
        .counter,
        "Times accepting stopped because descriptors or kernel memory ran out."
    )
    static let shed = MetricFamily(
        "sluice_shed_total",
        .counter,
        "Connections refused or closed to make room, by what was short."
    )
    static let clientsGone = MetricFamily(
        "sluice_clients_gone_total",
        .counter,
        "Exchanges whose client left before the reply was complete."
    )
    static let tunnels = MetricFamily(
        "sluice_tunnels_total",
        .counter,
        "Connections that became tunnels."
    )
    static let tunnelsActive = MetricFamily(
        "sluice_tunnels_active",
        .gauge,
        "Tunnels open now."
    )
    static let upstream = MetricFamily(
        "sluice_upstream_connections_total",
        .counter,
        "Upstream connections by what became of the attempt: opened, reused or failed."
    )
    static let upstreamActive = MetricFamily(
        "sluice_upstream_connections_active",
        .gauge,
        "Exchanges under way at origins now."
    )
    static let upstreamIdle = MetricFamily(
        "sluice_upstream_connections_idle",
        .gauge,
        "Upstream connections kept for a next request."
    )
    static let upstreamRetries = MetricFamily(
        "sluice_upstream_retries_total",
        .counter,
        "Attempts that followed a failed one, at another endpoint or on a fresh connection."
    )
    static let evictedIdle = MetricFamily(
        "sluice_evicted_idle_total",
        .counter,
        "Idle upstream connections closed to make room."
    )
    static let bytes = MetricFamily(
        "sluice_bytes_total",
        .counter,
        "Bytes of HTTP messages by side and direction."
    )
    static let timeouts = MetricFamily(
        "sluice_timeouts_total",
        .counter,
        "Deadlines that passed, by what was waited for."
    )
    static let faults = MetricFamily(
        "sluice_faults_total",
        .counter,
        "Exchanges that failed, by whose fault it was."
    )
    static let brokenReplies = MetricFamily(
        "sluice_broken_replies_total",
        .counter,
        "Replies broken off after they had begun, by whose fault it was."
    )
    static let serviceCalls = MetricFamily(
        "sluice_service_calls_total",
        .counter,
        "Requests handed to plugins."
    )
    static let serviceActive = MetricFamily(
        "sluice_service_calls_active",
        .gauge,
        "Calls of plugins whose answers have not left to the last byte."
    )
    static let bufferShortages = MetricFamily(
        "sluice_receive_buffer_shortages_total",
        .counter,
        "Receives that found no buffer lent to the kernel."
    )
    static let memoryHeld = MetricFamily(
        "sluice_memory_held_bytes",
        .gauge,
        "Bytes of buffers that connections hold."
    )
    static let turns = MetricFamily(
        "sluice_worker_turns_total",
        .counter,
        "Turns of the worker's loop."
    )
    static let generation = MetricFamily(
        "sluice_worker_config_generation",
        .gauge,
        "Generation of the routes that the worker serves by."
    )
}
