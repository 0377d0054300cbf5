internal import SluiceBase
internal import SluiceConfig
internal import SluiceHTTP
internal import SluiceTLS

/// The certificate that the host makes for itself and keeps in `stateDir`.
struct SelfSignedFiles: Sendable {
    /// Its certificate document.
    static let name = "self-signed"
    private static let days = 90
    /// It is made again when it is valid for less than this.
    private static let reserveSeconds: Int64 = 30 * 86_400

    let files: CertificateFiles
    private let folder: String

    init(stateDirectory: String) {
        folder = "\(stateDirectory)/tls"
        files = CertificateFiles(
            certificate: "\(folder)/\(Self.name).pem",
            key: "\(folder)/\(Self.name).key"
        )
    }

    /// Makes the files when they are missing, unusable or soon to expire; whether it did.
    func renew(at second: Int64 = Clock.unixSecond()) throws(FileFault) -> Bool {
        if let old = try? CertificateTexts.read(files),
            old.notAfter - second >= Self.reserveSeconds
        {
            return false
        }
        let made = try make()
        do throws(Errno) {
            try Files.makeFolder(folder)
            // The key first: whoever comes between the two reads them once more.
            try Files.replace(files.key, with: made.key, mode: 0o600)
            try Files.replace(files.certificate, with: made.chain, mode: 0o644)
        } catch {
            let text = "the self-signed certificate cannot be kept: \(error); see stateDir"
            throw FileFault(file: folder, text: text)
        }
        return true
    }

    /// The certificate of the files or, without touching the disk, one that is just made.
    func readOrMake() throws(FileFault) -> CertificateTexts {
        if let read = try? CertificateTexts.read(files) { return read }
        let made = try make()
        return try named { () throws(MaterialFault) in
            try CertificateTexts(chain: made.chain, key: made.key)
        }
    }

    /// For this machine and loopback.
    private func make() throws(FileFault) -> (chain: [UInt8], key: [UInt8]) {
        let own = [ProcessFacts.hostName()].compactMap(\.self).filter { $0 != "localhost" }
        // A machine may have a name that is none of the DNS.
        if let made = try? Self.make(["localhost"] + own) { return made }
        return try named { () throws(MaterialFault) in try Self.make(["localhost"]) }
    }

    private static func make(
        _ names: [String]
    ) throws(MaterialFault) -> (chain: [UInt8], key: [UInt8]) {
        try SelfSigned.make(names: names, addresses: ["127.0.0.1", "::1"], days: days)
    }

    /// Has a fault name the file that was to be made.
    private func named<Result>(
        _ body: () throws(MaterialFault) -> Result
    ) throws(FileFault) -> Result {
        do throws(MaterialFault) {
            return try body()
        } catch {
            throw FileFault(file: files.certificate, text: error.description)
        }
    }

    /// Says once, at the start, what is presented and how to bring another one.
    func announce(_ texts: CertificateTexts, isNew: Bool) {
        var date = DateLine()
        date.update(unixSecond: max(0, texts.notAfter))
        Log.info(
            "the host \(isNew ? "has made" : "uses") a self-signed certificate, which clients trust"
                + " when they are given its file; for one of your own name its files in"
                + " listeners[].tls, or a Secret in a Gateway",
            "certificate",
            files.certificate,
            "sha256",
            texts.fingerprintText,
            "expires",
            date.bytes.text
        )
    }
}
