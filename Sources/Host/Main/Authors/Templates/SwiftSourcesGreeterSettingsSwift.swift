// Alone because: `make templates` writes it.

extension TemplateFile {
    /// `Plugins/Examples/swift/Sources/Greeter/Settings.swift`.
    // swift-format-ignore
    static let swiftSourcesGreeterSettingsSwift = TemplateFile(
        path: "Sources/Greeter/Settings.swift",
        text: ##"""
        internal import SluiceKit\##ninternal import SluiceShared\##n\##n/// The configurati\##
        on, as the host has checked it against the schema.\##nstruct Settings {\##n    stati\##
        c let schema = """\##n        {"type":"object","additionalProperties":false,"propert\##
        ies":{\##n        "greeting":{"type":"string","pattern":"^[A-Za-z ]{1,40}$","default\##
        ":"hello",\##n        "description":"What is said before the name."},\##n        "ev\##
        erySeconds":{"type":"integer","minimum":1,"maximum":3600,"default":60,\##n        "d\##
        escription":"How often the log says how many were greeted."}}}\##n        """\##n\##
        \##n    let greeting: String\##n    let period: Duration\##n\##n    init(_ text: Str\##
        ing) throws(PluginError) {\##n        do throws(ParseFailure) {\##n            let j\##
        son = try JSONReader(parsing: text.utf8)\##n            greeting = try json["greetin\##
        g"].string(or: "hello")\##n            period = .seconds(try json["everySeconds"].in\##
        t(or: 60))\##n        } catch {\##n            throw PluginError(.invalid, error.tex\##
        t, at: error.pointer)\##n        }\##n    }\##n}\##n
        """##
    )
}
