package import SluiceGatewayAPI
internal import SluiceKit
internal import SluiceShared

/// What the host has, or is to have, of this instance.
struct Publication {
    /// The documents.
    var documents: [DocumentName: RoutingDocument] = [:]
    /// The instance's own findings, by key.
    var notes: [String: Issue] = [:]
}

/// The documents to put and to remove between two worlds.
package struct Change {
    /// New and changed documents, references before what refers to them.
    package private(set) var puts: [(name: DocumentName, document: RoutingDocument)] = []
    /// Documents that are gone.
    package private(set) var removes: [DocumentName] = []

    /// Compares what was published with what is wanted.
    ///
    /// A document of which only places have moved is put again only when it is `troubled`, so that
    /// reports about it name the right line.
    package init(
        from old: [DocumentName: RoutingDocument],
        to new: [DocumentName: RoutingDocument],
        troubled: Set<DocumentName> = []
    ) {
        for (name, document) in new {
            if let known = old[name], known.content == document.content,
                known.place == document.place && known.origins == document.origins
                    || !troubled.contains(name)
            {
                continue
            }
            puts.append((name, document))
        }
        puts.sort { $0.name < $1.name }
        removes = old.keys.filter { new[$0] == nil }.sorted()
    }

    /// Whether both worlds are the same.
    package var isEmpty: Bool { puts.isEmpty && removes.isEmpty }

    /// Writes the change into a transaction.
    ///
    /// A document that the host refuses at once is left as it was and returned as an issue.
    func write(into transaction: borrowing Transaction) throws(PluginError) -> [Issue] {
        for name in removes { try transaction.remove(Kind(name.kind), name.name) }
        var refused: [Issue] = []
        for (name, document) in puts {
            do throws(PluginError) {
                try transaction.put(
                    Kind(name.kind),
                    name.name,
                    document: document.content.text(),
                    place: document.place,
                    origins: document.origins.map(SluiceKit.Origin.init)
                )
            } catch {
                guard [.invalid, .type, .limit].contains(error.status) else { throw error }
                _ = try transaction.keep(Kind(name.kind), name.name)
                refused.append(Issue(name, error, document.place))
            }
        }
        return refused
    }
}

extension Kind {
    init(_ kind: DocumentKind) {
        self =
            switch kind {
            case .listener: .listener
            case .certificate: .certificate
            case .trust: .trust
            case .pool: .pool
            case .endpoints: .endpoints
            case .route: .route
            }
    }
}

extension SluiceKit.Origin {
    init(_ origin: SluiceGatewayAPI.Origin) {
        self.init(pointer: origin.pointer, place: origin.place, source: origin.source)
    }
}
