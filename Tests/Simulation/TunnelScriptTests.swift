import Glibc
import HTTPInvariants
import SimulatedKernel
import SluiceBase
import Testing

/// Scripts around an upgrade, played against a whole worker: the invariants of the fuzzer hold.
struct TunnelScriptTests {
    private static let damagedCount: UInt64 = 400
    private static let scriptBytesMax = 4_096
    private static let folder: String = {
        let parts = #filePath.split(separator: "/").dropLast(2)
        return "/" + parts.joined(separator: "/") + "/Fuzz/Seeds/tunnel"
    }()

    private let names: [String]
    private let scripts: [[UInt8]]

    init() throws {
        names = Self.files()
        scripts = try names.map {
            try Files.read("\(Self.folder)/\($0)", bytesMax: Self.scriptBytesMax)
        }
    }

    private static func files() -> [String] {
        guard let stream = unsafe opendir(folder) else { return [] }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            if name.hasSuffix(".seed") { names.append(name) }
        }
        return names.sorted()
    }

    /// One test, because all scripts share a control side.
    @Test func `bytes around an upgrade arrive whole, in order and once, or as requests`() {
        #expect(names.count > 15)
        for (name, script) in zip(names, scripts) {
            let breach = script.withBytes(HTTPInvariants.tunnel)
            #expect(breach == nil, "seed \(name)")
        }
        for number in 0..<Self.damagedCount {
            var random = SeededRandom(number)
            let script = damaged(&random)
            let breach = script.withBytes(HTTPInvariants.tunnel)
            #expect(breach == nil, "damage \(number): \(script)")
        }
    }

    /// A script with other bytes in some places, or with the end of another one.
    private func damaged(_ random: inout SeededRandom) -> [UInt8] {
        var script = scripts[random.below(scripts.count)]
        for _ in 0...random.below(4) {
            let place = random.below(script.count)
            switch random.below(4) {
            case 0: script[place] = UInt8(truncatingIfNeeded: random.next())
            case 1: script.insert(UInt8(truncatingIfNeeded: random.next()), at: place)
            case 2: script.insert(contentsOf: [0x18, 0x28], at: place)
            default:
                let other = scripts[random.below(scripts.count)]
                script = Array(script[...place]) + other[random.below(other.count)...]
            }
        }
        return script
    }
}
