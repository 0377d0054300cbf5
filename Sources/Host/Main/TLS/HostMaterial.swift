internal import SluiceBase
internal import SluiceConfig
internal import SluiceRouting
internal import SluiceShared

/// The certificates and authorities of the configuration, as last read from their files.
struct HostMaterial: Sendable {
    private struct Entry<Content: FileContent> {
        /// Its document.
        let name: String
        /// For people.
        let user: String
        var files: Followed<Content>
    }

    private var certificates: [Entry<CertificateTexts>] = []
    private var authorities: [Entry<AuthorityText>] = []
    /// By the name of its certificate's document: the file with an OCSP response.
    private var responses: [String: String] = [:]
    private let configuration: HostConfiguration

    /// Reads nothing yet; a check leaves the disk as it is.
    init(_ configuration: HostConfiguration, isCheck: Bool = false) {
        self.configuration = configuration
        if configuration.needsSelfSigned {
            let own = SelfSignedFiles(stateDirectory: configuration.stateDirectory)
            let paths = [own.files.certificate, own.files.key]
            let followed = Followed<CertificateTexts>(paths) { _ throws(FileFault) in
                isCheck ? try own.readOrMake() : try CertificateTexts.read(own.files)
            }
            certificates.append(
                Entry(name: SelfSignedFiles.name, user: "tls.selfSigned", files: followed)
            )
        }
        for listener in configuration.listeners { follow(listener) }
    }

    private mutating func follow(_ listener: ListenerConfiguration) {
        let user = "listener \"\(listener.name)\""
        for (place, files) in (listener.tls?.certificates ?? []).enumerated() {
            let paths = [files.certificate, files.key, files.ocsp].compactMap(\.self)
            let followed = Followed<CertificateTexts>(paths) { look throws(FileFault) in
                try CertificateTexts.read(files, look)
            }
            let name = Self.name(of: place, listener)
            responses[name] = files.ocsp
            certificates.append(Entry(name: name, user: user, files: followed))
        }
        if let path = listener.tls?.clients?.authorities {
            let followed = Followed<AuthorityText>([path]) { _ throws(FileFault) in
                try AuthorityText.read(path)
            }
            authorities.append(Entry(name: listener.name, user: user, files: followed))
        }
    }

    private static func name(of place: Int, _ listener: ListenerConfiguration) -> String {
        "\(listener.name)/\(place + 1)"
    }

    /// Looks at all files; `again` reads those too that seem the same.
    mutating func look(again: Bool) -> [FileNews] {
        Self.look(&certificates, again) + Self.look(&authorities, again)
    }

    private static func look<Content>(_ entries: inout [Entry<Content>], _ again: Bool)
        -> [FileNews]
    {
        entries.indices.compactMap { place in
            FileNews(&entries[place].files, of: entries[place].user, again: again)
        }
    }
}

// What was good at some time.
extension HostMaterial {
    /// The certificate that the host has made.
    var selfSigned: CertificateTexts? {
        certificates.first { $0.name == SelfSignedFiles.name }?.files.content
    }

    /// Files that cannot be used as they are, one sentence each.
    var faults: [String] {
        (certificates.map { ($0.user, $0.files.fault) }
            + authorities.map { ($0.user, $0.files.fault) })
            .compactMap { user, fault in
                fault.map { "\(user): \($0.file): \($0.text)" }
            }
    }

    /// The file that a problem is about, of the host's documents or of others; empty: none.
    func file(of problem: Problem) -> String {
        let isOfResponse =
            problem.instance == HostListeners.instance && problem.kind == .certificate
            && problem.pointer == "/ocsp"
        return isOfResponse ? responses[problem.name] ?? problem.where : problem.where
    }

    /// The documents of what is good.
    var documents: [Document] {
        let pairs = certificates.compactMap { entry in
            entry.files.content.flatMap {
                Document(own: .certificate, entry.name, $0.document, at: entry.files.files[0])
            }
        }
        let trusts = authorities.compactMap { entry in
            entry.files.content.flatMap {
                Document(own: .trust, entry.name, $0.document, at: entry.files.files[0])
            }
        }
        return pairs + trusts
    }

    /// `tls` of a listener's document; nil when the listener must be left out: no certificate of it
    /// was ever good, or its clients could not be checked.
    func settings(of listener: ListenerConfiguration, _ tls: ListenerTLS) -> JSON? {
        let known = certificates.filter { $0.files.content != nil }.map(\.name)
        let own =
            tls.isSelfSigned
            ? [SelfSignedFiles.name]
            : tls.certificates.indices.map { Self.name(of: $0, listener) }
        let names = own.filter(known.contains)
        guard !names.isEmpty else { return nil }
        var settings = tls.options
        settings["certificates"] = .array(names.map(JSON.string))
        if let clients = tls.clients {
            guard
                authorities.contains(where: { $0.name == listener.name && $0.files.content != nil })
            else { return nil }
            var validation = clients.options
            validation["trust"] = [.string(listener.name)]
            settings["clientValidation"] = validation
        }
        return settings
    }
}

extension Document {
    /// What keeps the compiler from using a value as a document of the host's own; nil: nothing.
    static func fault(own kind: DocumentKind, _ value: JSON) -> (pointer: String, text: String)? {
        guard let document = Document(own: kind, "new", value) else {
            return ("", "the text is too long or cannot be decoded; keep only what is needed in it")
        }
        let problem = Compiler.check(document).first { $0.severity >= .object }
        return problem.map { ($0.pointer, $0.text) }
    }

    /// A document of the host's own.
    init?(own kind: DocumentKind, _ name: String, _ value: JSON, at place: String = "") {
        guard let parsed = try? JSONDocument(parsing: value.canonical()) else { return nil }
        let key = DocumentKey(instance: HostListeners.instance, kind: kind, name: name)
        self.init(key: key, value: parsed, place: place)
    }
}
