internal import SluiceShared

/// One route while its rules are translated for Gateways that present one client certificate.
struct RouteDraft {
    let object: ManifestObject
    /// What backends are presented.
    let certificate: ClientCertificate
    /// Why references of its rules lead nowhere.
    private(set) var broken: [Refusal] = []
    /// What its rules lead to.
    private(set) var backends: Set<BackendPort> = []
    /// Where the parts of its rules come from.
    var trail = Trail()
    /// Whether a pool of its rules presents the certificate, or cannot.
    private var isPresenting = false

    /// Starts with nothing translated.
    init(_ object: ManifestObject, presenting certificate: ClientCertificate) {
        self.object = object
        self.certificate = certificate
    }

    /// The name of its document: rules whose pools present a certificate are those of the Gateways
    /// with that certificate alone.
    var name: String { object.key.path + (isPresenting ? certificate.suffix : "") }

    /// Notes what a reference leads to.
    mutating func lead(to backend: BackendPort, _ resolution: Resolution) {
        switch resolution {
        case .found(let pool):
            backends.insert(backend)
            if pool != backend.name { isPresenting = true }
        case .failed(let refusal):
            if refusal.isOfAnother { backends.insert(backend) }
            if refusal.reason == Refusal.noClientCertificate { isPresenting = true }
        }
    }

    /// Notes why a reference leads nowhere.
    mutating func note(_ refusal: Refusal) {
        // The reference itself resolves; what is wrong is in the status of the other object.
        guard !refusal.isOfAnother, !broken.contains(refusal) else { return }
        broken.append(refusal)
    }
}

/// What one document of a route is made of.
struct RouteContent {
    /// A listener's document, and the reference that led to it.
    struct Listener {
        let document: String
        let attachment: Draft.Attachment
    }

    var rules: [JSON] = []
    var trail = Trail()
    var listeners: [Listener] = []
}
