import SluiceShared
import Testing

/// What the pages for people say about the schemas.
@Suite struct GuideTests {
    /// Features of the Gateway API, v1.6.1 and main, that a data plane carries out.
    static let features = """
        GatewayPort8080 GatewayStaticAddresses GatewayHTTPListenerIsolation ListenerSet
        GatewayHTTPSListenerDetectMisdirectedRequests GatewayBackendClientCertificate
        GatewayFrontendClientCertificateValidation
        GatewayFrontendClientCertificateValidationInsecureFallback
        HTTPRoute HTTPRouteDestinationPortMatching HTTPRouteBackendRequestHeaderModification
        HTTPRouteQueryParamMatching HTTPRouteMethodMatching HTTPRouteResponseHeaderModification
        HTTPRoutePortRedirect HTTPRouteSchemeRedirect HTTPRoutePathRedirect HTTPRouteHostRewrite
        HTTPRoutePathRewrite HTTPRouteRequestMirror HTTPRouteRequestMultipleMirrors
        HTTPRouteRequestPercentageMirror HTTPRouteRequestTimeout HTTPRouteBackendTimeout
        HTTPRouteParentRefPort HTTPRouteBackendProtocolH2C HTTPRouteBackendProtocolWebSocket
        HTTPRouteNamedRouteRule HTTPRouteCORS HTTPRoute303RedirectStatusCode
        HTTPRoute307RedirectStatusCode HTTPRoute308RedirectStatusCode HTTPRouteRetry
        HTTPRouteRetryBackendTimeout HTTPRouteRetryConnectionError HTTPRouteBackendURLRewrite
        HTTPRouteBackendRequestRedirect HTTPRouteExternalAuth GRPCRoute GRPCRouteNamedRouteRule
        GRPCRouteRequestHeaderModifier TLSRoute TLSRouteModeTerminate TLSRouteModeMixed TCPRoute
        UDPRoute BackendTLSPolicy BackendTLSPolicySANValidation
        """

    @Test func `every feature of the Gateway API has its place in a schema`() throws {
        let rows = try FeatureRow.all()
        for row in rows {
            let schema = try Published.document("\(Published.schemas)/\(row.file)")
            let place = try #require(schema.at(row.pointer), "\(row)")
            guard let word = row.word else { continue }
            let words = place["enum"].map { $0.elements.map { $0.string ?? $0.numberText ?? "" } }
            #expect(words?.contains(word) == true, "\(row)")
        }
        let named = Set(rows.map(\.feature))
        for feature in Self.features.split(whereSeparator: \.isWhitespace) {
            #expect(named.contains(String(feature)), "\(feature) is not in the table")
        }
    }

    /// Two lines above a block stands the file's path in backticks and a colon.
    @Test func `every document in routing.md is an example file`() throws {
        let lines = try Published.lines("docs/routing.md")
        var shown: Set<String> = []
        for start in lines.indices where lines[start] == "```json" {
            let end = try #require(lines[start...].firstIndex(of: "```"))
            let quoted = lines[max(0, start - 2)].split(separator: "`")
            let name = try #require(quoted.dropLast().last, "line \(start + 1)")
            let text = lines[(start + 1)..<end].joined(separator: "\n")
            let block = try JSONDocument(parsing: text, source: "routing.md:\(start + 2)").root
            let example = try Published.document("docs/\(name)")
            #expect(block == example, "\(name) at line \(start + 1)")
            shown.insert(String(name))
        }
        for kind in Published.kinds {
            #expect(shown.contains { $0.contains("/\(kind)-") }, "no example of a \(kind)")
        }
    }
}

/// One row of the table of features in `docs/schemas/README.md`.
struct FeatureRow {
    var feature: String
    var file: String
    var pointer: String
    /// The word that the schema at the pointer must allow, where the feature is one.
    var word: String?

    /// The rows of the table.
    static func all() throws -> [FeatureRow] {
        try Published.lines("\(Published.schemas)/README.md").compactMap { line in
            let cells = line.split(separator: "|").map { $0.split(separator: " ") }
            guard cells.count == 2 else { return nil }
            let quoted = line.split(separator: "`").map(String.init)
            let place = quoted.count > 1 ? quoted[1].split(separator: "#") : []
            guard place.count == 2 else { return nil }
            return FeatureRow(
                feature: cells[0].joined(separator: " "),
                file: String(place[0]),
                pointer: String(place[1]),
                word: quoted.count > 3 ? quoted[3] : nil
            )
        }
    }
}
