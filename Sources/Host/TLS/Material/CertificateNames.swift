internal import CTLS

/// The DNS names that a certificate covers.
enum CertificateNames {
    /// The DNS names of the subjectAltName; without that extension, the subject's common name.
    ///
    /// Lower-case, each once. What cannot be a DNS name covers no host and is left out.
    static func read(_ certificate: OpaquePointer) throws(MaterialFault) -> [String] {
        let common = try unsafe commonNames(certificate)
        var found: Int32 = 0
        let raw = unsafe X509_get_ext_d2i(certificate, NID_subject_alt_name, &found, nil)
        guard let raw = unsafe raw else {
            // -1: there is none; anything else: malformed, or there are two.
            guard found == -1 else { throw .unreadableNames }
            return unique(common.suffix(1))
        }
        let list = OpaquePointer(raw)
        defer { unsafe ctls_general_names_free(list) }
        return unique(try unsafe alternatives(list))
    }

    /// Every common name of the subject, the most specific one last.
    private static func commonNames(
        _ certificate: OpaquePointer
    ) throws(MaterialFault) -> [[UInt8]] {
        let subject = unsafe X509_get_subject_name(certificate)
        var names: [[UInt8]] = []
        var place: Int32 = -1
        while true {
            place = unsafe X509_NAME_get_index_by_NID(subject, NID_commonName, place)
            guard place >= 0 else { return names }
            let entry = unsafe X509_NAME_get_entry(subject, place)
            var start: UnsafeMutablePointer<UInt8>?
            let count = unsafe ASN1_STRING_to_UTF8(&start, X509_NAME_ENTRY_get_data(entry))
            guard count >= 0 else { throw .unreadableNames }
            defer { unsafe CRYPTO_free(start, #file, #line) }
            let name = unsafe [UInt8](UnsafeBufferPointer(start: start, count: Int(count)))
            guard !name.contains(0) else { throw .nameWithNUL }
            names.append(name)
        }
    }

    private static func alternatives(_ list: OpaquePointer) throws(MaterialFault) -> [[UInt8]] {
        let count = unsafe ctls_general_names_count(list)
        guard count <= Certificate.namesMax else {
            throw .tooManyNames(limit: Certificate.namesMax)
        }
        var names: [[UInt8]] = []
        for place in 0..<count {
            var kind: Int32 = 0
            let value = unsafe GENERAL_NAME_get0_value(ctls_general_name_at(list, place), &kind)
            guard [GEN_DNS, GEN_EMAIL, GEN_URI].contains(kind), let value = unsafe value else {
                continue
            }
            let text = unsafe value.assumingMemoryBound(to: ASN1_STRING.self)
            let name = unsafe [UInt8](
                UnsafeBufferPointer(
                    start: ASN1_STRING_get0_data(text),
                    count: Int(ASN1_STRING_length(text))
                )
            )
            guard !name.contains(0) else { throw .nameWithNUL }
            if kind == GEN_DNS { names.append(name) }
        }
        return names
    }

    private static func unique(_ names: some Sequence<[UInt8]>) -> [String] {
        var known: Set<String> = []
        return names.compactMap(DNSName.lowercased).filter { known.insert($0).inserted }
    }
}

/// Names as DNS and certificates write them.
enum DNSName {
    /// The name in lower-case; nil when it is neither a DNS name nor `*.` before one.
    ///
    /// An underscore is allowed as browsers allow it; a last label of digits is an address.
    static func lowercased(_ name: [UInt8]) -> String? {
        guard (1...253).contains(name.count) else { return nil }
        let isWildcard = name.starts(with: [UInt8(ascii: "*"), UInt8(ascii: ".")])
        let labels = name.dropFirst(isWildcard ? 2 : 0)
            .split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard labels.allSatisfy(isLabel), let last = labels.last else { return nil }
        guard !last.allSatisfy({ isDigit($0) }) else { return nil }
        return String(decoding: name.map(lower), as: UTF8.self)
    }

    private static func isLabel(_ label: some Collection<UInt8>) -> Bool {
        (1...63).contains(label.count)
            && label.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(lower(byte)) || isDigit(byte)
                    || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
            }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func lower(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
