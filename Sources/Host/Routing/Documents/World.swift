internal import SluiceConfig

/// A plugin instance that backends may name, and the namespaces whose routes may.
package struct ExposedService: Sendable, Equatable {
    package let slot: UInt16
    /// `*` is all.
    ///
    /// A route's namespace is the part before the `/` in its order's name.
    package let namespaces: [String]

    package init(slot: UInt16, namespaces: [String]) {
        self.slot = slot
        self.namespaces = namespaces
    }

    func admits(namespace: String) -> Bool {
        namespaces.contains("*") || namespaces.contains(namespace)
    }
}

/// Everything the compiler needs to know: the documents of all instances and what they refer to.
package struct World: Sendable {
    package var documents: [DocumentKey: Document]
    /// Plugin instances as the configuration lists them; the earlier one wins a conflict.
    package var instanceOrder: [String]
    /// The services by plugin instance.
    package var services: [String: ExposedService]
    /// The time limit of an exchange whose rule names none; `Clock.never` is none.
    package var requestTimeoutNanoseconds: UInt64
    /// The time of a half-closed client where its listener names none; `Clock.never` is no limit.
    package var halfClosedNanoseconds: UInt64

    package init(
        documents: [DocumentKey: Document] = [:],
        instanceOrder: [String] = [],
        services: [String: ExposedService] = [:],
        requestTimeoutNanoseconds: UInt64 = Limits.span(Limits().requestTimeoutNanoseconds),
        halfClosedNanoseconds: UInt64 = Limits.span(Limits().halfClosedNanoseconds)
    ) {
        self.documents = documents
        self.instanceOrder = instanceOrder
        self.services = services
        self.requestTimeoutNanoseconds = requestTimeoutNanoseconds
        self.halfClosedNanoseconds = halfClosedNanoseconds
    }

    package mutating func put(_ document: Document) { documents[document.key] = document }

    package mutating func remove(_ key: DocumentKey) { documents[key] = nil }

    package mutating func clear(instance: String) {
        documents = documents.filter { $0.key.instance != instance }
    }
}
