public import SluiceKit
internal import SluiceShared

/// One change of a header.
package enum Stamp: Sendable, Equatable {
    case remove(String)
    case set(String, Template)
    case add(String, Template)
}

/// One setting of a route: a row of the table that makes the schema and the reference.
package struct Setting: Sendable {
    /// The key in a route's `config`.
    package let name: String
    /// One sentence for people.
    package let text: String
}

/// What one route says.
public struct StampSettings: Sendable {
    /// Changes of requests, in the order in which they are made.
    package private(set) var request: [Stamp] = []
    /// Changes of responses.
    package private(set) var response: [Stamp] = []

    /// All settings.
    package static let table = [
        Setting(
            name: "request",
            text: "What is changed of requests: remove (names), set (replaces all of a name) and "
                + "add (one more), in this order; a value may have ${request_id}, ${route} and "
                + "${peer}."
        ),
        Setting(name: "response", text: "The same of responses."),
    ]

    /// JSON Schema of a route's `config`, made from the table.
    package static var schema: String {
        let name = #""pattern":"^[-!#$%&'*+.^_`|~0-9A-Za-z]{1,256}$""#
        let value = ##"{"type":"string","maxLength":4096,"pattern":"^[^\\x00\\r\\n]*$"}"##
        let values =
            "{\"type\":\"object\",\"maxProperties\":64,\"propertyNames\":{\(name)},"
            + "\"additionalProperties\":\(value)}"
        let names =
            "{\"type\":\"array\",\"maxItems\":64,\"items\":{\"type\":\"string\",\(name)}}"
        let sides = table.map { setting in
            "\"\(setting.name)\":{\"description\":\(JSON.string(setting.text).text()),"
                + "\"type\":\"object\",\"additionalProperties\":false,\"properties\":"
                + "{\"remove\":\(names),\"set\":\(values),\"add\":\(values)}}"
        }
        return "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{"
            + sides.joined(separator: ",") + "}}"
    }

    /// Names that belong to the host (RFC 9112 section 6, RFC 9110 section 7.6.1).
    private static let framing = [
        "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade",
        "proxy-connection", "trailer", "te",
    ]

    /// Reads a configuration that fits the schema.
    public init(_ configuration: String) throws(PluginError) {
        let root: JSONValue
        do throws(ParseFailure) {
            root = try JSONDocument(parsing: configuration).root
        } catch {
            throw PluginError(.invalid, error.text, at: error.pointer)
        }
        if let side = root["request"] { request = try Self.stamps(side) }
        if let side = root["response"] { response = try Self.stamps(side) }
    }

    private static func stamps(_ side: JSONValue) throws(PluginError) -> [Stamp] {
        var stamps: [Stamp] = []
        if let names = side["remove"] {
            for value in names.elements {
                stamps.append(.remove(try checked(value.string ?? "", value)))
            }
        }
        for verb in ["set", "add"] {
            guard let headers = side[verb] else { continue }
            for member in headers.members {
                let value = member.value
                let name = try checked(member.key, value)
                guard let template = Template(value.string ?? "") else {
                    let known = Template.names.map { "${\($0)}" }.joined(separator: ", ")
                    throw PluginError(
                        .invalid,
                        "expected a value with no other places than \(known), found "
                            + "\"\(value.string ?? "")\"",
                        at: value.pointer
                    )
                }
                stamps.append(verb == "set" ? .set(name, template) : .add(name, template))
            }
        }
        return stamps
    }

    private static func checked(_ name: String, _ value: JSONValue) throws(PluginError) -> String {
        guard !framing.contains(name.lowercased()) else {
            throw PluginError(
                .invalid,
                "\"\(name)\" frames the message, which is the host's: remove it",
                at: value.pointer
            )
        }
        return name
    }
}
