internal import CFFI
internal import SluiceABI
internal import SluiceBase

/// Mints the functions of BOUND tables: they take no handle and still know their instance.
///
/// A closure puts the instance in front of the arguments; where the kernel refuses closures, a
/// compiled trampoline does. Nothing minted is ever freed: a forgotten thread of the plugin may
/// call it at any later time, and finds `SLUICE_E_GONE` once the instance has stopped.
@safe
final class Bridge: @unchecked Sendable {
    private let context: UnsafeMutableRawPointer
    private let usesFixed: Bool
    /// Addresses of the records.
    private var records: [UInt] = []
    private(set) var missing: [String] = []

    /// `usesFixed` asks for compiled trampolines from the start.
    init(context: UnsafeMutableRawPointer, usesFixed: Bool) {
        unsafe self.context = context
        self.usesFixed = usesFixed
    }

    /// A function of type `Member` that calls `target` with the instance in front.
    ///
    /// `signature` describes `Member` in the letters of the header's registry. Nil when neither
    /// a closure nor a trampoline is left; `missing` then names the signature.
    func mint<Target, Member>(_ signature: StaticString, _ target: Target, as: Member.Type)
        -> Member?
    {
        let letters = unsafe UnsafeRawPointer(signature.utf8Start)
            .assumingMemoryBound(to: CChar.self)
        let function = unsafe unsafeBitCast(target, to: plain_function.self)
        guard let record = unsafe bound_make(letters, function, context, usesFixed ? 1 : 0) else {
            missing.append(Bytes(signature).text)
            return nil
        }
        records.append(UInt(bitPattern: record))
        return unsafe unsafeBitCast(bound_function(record), to: Member.self)
    }

    /// From now on every minted function answers `SLUICE_E_GONE`.
    func kill() {
        for address in records {
            if let record = unsafe OpaquePointer(bitPattern: address) { unsafe bound_kill(record) }
        }
    }
}

extension UnsafeMutableRawPointer? {
    /// The instance a bound function was minted for.
    var instance: Instance? {
        guard let context = self else { return nil }
        return unsafe Unmanaged<Instance>.fromOpaque(context).takeUnretainedValue()
    }
}

/// Memory for a table that a plugin keeps: it lives as long as the process.
func permanent<Table>(_ table: Table) -> UnsafeMutablePointer<Table> {
    let memory = UnsafeMutablePointer<Table>.allocate(capacity: 1)
    unsafe memory.initialize(to: table)
    return unsafe memory
}
