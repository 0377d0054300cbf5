/// Why a library or an instance was refused: one sentence, and the JSON Pointer of the setting
/// that is to blame when there is one.
struct PluginRefusal: Error, Sendable, Equatable {
    let text: String
    let pointer: String

    init(_ text: String, pointer: String = "") {
        self.text = text
        self.pointer = pointer
    }
}
