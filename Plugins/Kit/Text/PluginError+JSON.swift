// Alone because: the kit's errors know nothing of JSON, and JSON nothing of the kit.
public import SluiceShared

extension PluginError {
    /// A JSON text that is not what it should be: `.invalid`, with the pointer of the value.
    ///
    /// The text's name, line and column are left out: a configuration has none that people know.
    public init(_ failure: ParseFailure) {
        self.init(.invalid, failure.text, at: failure.pointer)
    }
}
