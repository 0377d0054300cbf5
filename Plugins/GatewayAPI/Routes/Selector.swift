internal import SluiceShared

/// Label selectors of Kubernetes.
enum Selector {
    /// Whether the labels fit; a selector that says nothing fits everything.
    static func matches(_ selector: JSONValue, _ labels: [String: String]) -> Bool {
        selector.map("matchLabels").allSatisfy { labels[$0.key] == $0.value }
            && selector.list("matchExpressions").allSatisfy { holds($0, labels) }
    }

    private static func holds(_ expression: JSONValue, _ labels: [String: String]) -> Bool {
        let value = labels[expression.text("key") ?? ""]
        let values = expression.texts("values")
        return switch expression.text("operator") {
        case "In": value.map(values.contains) ?? false
        case "NotIn": !(value.map(values.contains) ?? false)
        case "Exists": value != nil
        case "DoesNotExist": value == nil
        default: false
        }
    }
}
