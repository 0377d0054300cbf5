/// `docs/schemas/trust.json`, written here by `make schemas`.
enum TrustSchema {
    // swift-format-ignore
    static let text = #"""
        {"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"https://sluice.dev/sche\#
        mas/trust.json","title":"Trust","description":"A set of certificate authorities: what cl\#
        ient certificates (listener) or upstream certificates (pool) must chain to.","type":"obj\#
        ect","properties":{"certificates":{"description":"PEM texts, each with one or more CA ce\#
        rtificates.","type":"array","items":{"title":"PEM text with a CERTIFICATE block","descri\#
        ption":"One PEM text with one or more CA certificates.","type":"string","minLength":64,"\#
        maxLength":262144,"pattern":"-----BEGIN CERTIFICATE-----"},"minItems":1,"maxItems":64},"\#
        system":{"description":"Whether the CA certificates of the operating system are trusted \#
        too (BackendTLSPolicy wellKnownCACertificates: System).","type":"boolean","default":fals\#
        e}},"additionalProperties":false,"anyOf":[{"required":["certificates"]},{"required":["sy\#
        stem"],"properties":{"system":{"const":true}}}],"examples":[{"system":true}]}
        """#
}
