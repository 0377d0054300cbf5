internal import SluiceShared

/// The JSON Schemas of the seven kinds, compiled once.
package enum DocumentSchemas {
    /// The schema's text, the same JSON as in `docs/schemas`.
    package static func text(of kind: DocumentKind) -> String {
        switch kind {
        case .listener: ListenerSchema.text
        case .certificate: CertificateSchema.text
        case .trust: TrustSchema.text
        case .pool: PoolSchema.text
        case .endpoints: EndpointsSchema.text
        case .route: RouteSchema.text
        case .l4route: L4RouteSchema.text
        }
    }

    /// What of a document is not as its kind's schema asks.
    static func problems(of kind: DocumentKind, _ root: JSONValue) -> [SchemaProblem] {
        guard let schema = compiled[kind] else {
            return [
                SchemaProblem(
                    pointer: "",
                    mark: root.mark,
                    keyword: "$schema",
                    text: "the host's own schema of \(kind.rawValue) cannot be read"
                )
            ]
        }
        return schema.validate(root)
    }

    private static let compiled: [DocumentKind: Schema] = {
        var schemas: [DocumentKind: Schema] = [:]
        for kind in DocumentKind.allCases {
            let document = try? JSONDocument(parsing: text(of: kind), source: kind.rawValue)
            schemas[kind] = document.flatMap { try? Schema($0.root) }
        }
        return schemas
    }()
}
