/// Sockets: which listeners share one, and how a host finds its listener.
extension Compiling {
    mutating func bind(
        _ sockets: [[ListenerForm]],
        _ tables: RouteTables,
        _ numbers: inout BindingNumbers
    ) -> [Binding] {
        var bindings: [Binding] = []
        for listeners in sockets {
            guard let socket = listeners.first?.socket else { continue }
            guard let number = numbers.number(of: socket) else {
                for listener in listeners { reportTooMany(listener) }
                continue
            }
            let ordered = listeners.sorted {
                HostPattern.isMoreSpecific($0.hostname, $1.hostname)
            }
            let table = hostTable(of: ordered, tables)
            while builder.bindings.count <= number { builder.bindings.append(.unused) }
            builder.bindings[Int(number)] = table
            bindings.append(
                Binding(
                    index: number,
                    address: socket.address,
                    port: socket.port,
                    listeners: ordered.map(\.key)
                )
            )
        }
        return bindings.sorted { $0.index < $1.index }
    }

    /// The table from host to listener; `listeners` come with the most specific hostname first.
    private mutating func hostTable(
        of listeners: [ListenerForm],
        _ tables: RouteTables
    ) -> HostTable {
        var numbers: [HostPattern: Int32] = [:]
        var entries: [(HostPattern, Int32)] = []
        for listener in listeners.reversed() {
            var table = tables.table(of: listener, in: &builder)
            if !listener.isIsolated {
                table.next = RouteTables.nearest(numbers, covering: listener.hostname)
            }
            let number = Int32(builder.listeners.count)
            builder.listeners.append(table)
            numbers[listener.hostname] = number
            entries.append((listener.hostname, number))
        }
        return builder.hostTable(entries)
    }

    private mutating func reportTooMany(_ listener: ListenerForm) {
        report(
            .tooMany,
            .object,
            listener.key,
            pointer: "/port",
            "\(BindingNumbers.bindingsMax) different sockets were used since the start: the "
                + "listener is left out; restart to use new ones"
        )
    }
}
