internal import SluiceKit
internal import SluiceShared

/// The configuration, as the host has checked it against the schema.
struct Settings {
    static let schema = """
        {"type":"object","additionalProperties":false,"properties":{
        "greeting":{"type":"string","pattern":"^[A-Za-z ]{1,40}$","default":"hello",
        "description":"What is said before the name."},
        "everySeconds":{"type":"integer","minimum":1,"maximum":3600,"default":60,
        "description":"How often the log says how many were greeted."}}}
        """

    let greeting: String
    let period: Duration

    init(_ text: String) throws(PluginError) {
        do throws(ParseFailure) {
            let json = try JSONReader(parsing: text.utf8)
            greeting = try json["greeting"].string(or: "hello")
            period = .seconds(try json["everySeconds"].int(or: 60))
        } catch {
            throw PluginError(.invalid, error.text, at: error.pointer)
        }
    }
}
