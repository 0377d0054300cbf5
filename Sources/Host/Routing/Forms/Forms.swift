internal import SluiceShared

/// The documents of a world as the compiler uses them; those that cannot be are left out.
struct Forms {
    private(set) var listeners: [ListenerForm] = []
    private(set) var pools: [DocumentKey: PoolForm] = [:]
    private(set) var routes: [RouteForm] = []
    private(set) var problems: [Problem] = []

    init(_ documents: [Document]) {
        for document in documents {
            var reading = Reading(document)
            switch reading.readForm() {
            case .listener(let form): listeners.append(form)
            case .pool(let form): pools[form.key] = form
            case .route(let form): routes.append(form)
            case nil: break
            }
            problems += reading.problems
        }
    }
}

extension Reading {
    enum Form {
        case listener(ListenerForm)
        case pool(PoolForm)
        case route(RouteForm)
    }

    /// Checks the document and reads it; nil when it must be left out.
    @discardableResult
    mutating func readForm() -> Form? {
        guard conforms() else { return nil }
        switch key.kind {
        case .listener: return ListenerForm(&self).map(Form.listener)
        case .pool: return PoolForm(&self).map(Form.pool)
        case .route: return RouteForm(&self).map(Form.route)
        case .certificate, .trust, .l4route:
            report(
                .notCarried,
                at: nil,
                "kind \(key.kind.rawValue) is not carried by this build: it is left out"
            )
            return nil
        }
    }
}
