/// Why a library or an instance was refused: one sentence, and the JSON Pointer of the setting
/// that is to blame when there is one.
struct PluginRefusal: Error, Sendable, Equatable {
    let text: String
    let pointer: String
    /// Where that setting stands, `file:line`; empty when it is not known.
    let place: String

    init(_ text: String, pointer: String = "", place: String = "") {
        self.text = text
        self.pointer = pointer
        self.place = place
    }
}
