internal import CFFI
internal import Glibc
internal import SluiceABI
internal import SluiceBase

/// Everything one instance may call: its `sluice_host` and the tables behind `find`.
@safe
struct HostTables: @unchecked Sendable {
    let host: UnsafeMutablePointer<sluice_host>
    private let tables: [HostInterface: UnsafeRawPointer]
    let bridge: Bridge

    /// Mints the bound tables; throws when functions cannot be minted.
    init(instance: Instance, usesFixed: Bool) throws(PluginRefusal) {
        // The tables outlive the instance in the plugin's hands, and so must what they point to.
        let context = unsafe Unmanaged.passRetained(instance).toOpaque()
        let bridge = unsafe Bridge(context: context, usesFixed: usesFixed)
        unsafe tables = [
            .bytes: UnsafeRawPointer(BytesTable.table),
            .http: UnsafeRawPointer(HTTPTable.table),
            .log: UnsafeRawPointer(permanent(LogTable.make(bridge))),
            .metrics: UnsafeRawPointer(permanent(MetricsTable.make(bridge))),
            .health: UnsafeRawPointer(permanent(HealthTable.make(bridge))),
            .exec: UnsafeRawPointer(permanent(ExecTable.make(bridge))),
            .routing: UnsafeRawPointer(permanent(RoutingTable.make(bridge))),
        ]
        var root = sluice_host()
        root.size = UInt32(MemoryLayout<sluice_host>.size)
        root.abi_major = UInt16(SLUICE_ABI_MAJOR)
        root.abi_minor = UInt16(SLUICE_ABI_MINOR)
        typealias Find = @convention(c) (UnsafePointer<CChar>?) -> UnsafeRawPointer?
        unsafe root.find = bridge.mint("p(p)", Self.find, as: Find.self)
        unsafe host = permanent(root)
        self.bridge = bridge
        guard bridge.missing.isEmpty else {
            throw PluginRefusal(
                "functions bound to it cannot be made: the kernel refuses closures and the "
                    + "compiled trampolines are used up"
            )
        }
    }

    private static let find:
        @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?) -> UnsafeRawPointer? = {
            context,
            id in
            guard let instance = unsafe context.instance, let id = unsafe id,
                let name = HostInterface(rawValue: unsafe String(cString: id))
            else { return nil }
            return unsafe instance.tables?.tables[name]
        }
}

/// The interfaces that `sluice_host.find` knows, by id.
///
/// `sluice.client/1`, `sluice.registry/1` and `sluice.reply/1` are not supported yet: `find`
/// returns NULL for them, and a plugin that requires one is refused before it is created.
enum HostInterface: String, CaseIterable {
    case bytes = "sluice.bytes/1"
    case log = "sluice.log/1"
    case metrics = "sluice.metrics/1"
    case health = "sluice.health/1"
    case exec = "sluice.exec/1"
    case routing = "sluice.routing/1"
    case http = "sluice.http/1"

    static let names = allCases.map(\.rawValue)
}

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

    /// `usesFixed`: compiled trampolines from the start.
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
