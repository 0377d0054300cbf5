import SimulatedKernel
import SluiceBase
import SluiceServe
import Testing

/// What the contract of `Port` forbids ends the run.
struct SimulatedNetLawTests {
    @Test func `what it allows goes on`() async {
        await #expect(processExitsWith: .success) {
            let bench = try NetBench()
            let (host, peer) = try bench.pair()
            peer.write("x".utf8)
            bench.port.receive(on: host, token: 1)
            bench.port.recycle(try bench.one().buffer)
            bench.port.send(bench.gather("x"), on: host, token: 2)
            _ = try bench.one()
            bench.port.finish(host)
            bench.port.cancel(operation: 1, token: 9)
            _ = try bench.one()
            bench.port.close(host, resets: false)
        }
    }

    @Test func `closing while an operation names the descriptor`() async {
        await #expect(processExitsWith: .failure) {
            let bench = try NetBench()
            let (host, _) = try bench.pair()
            bench.port.receive(on: host, token: 1)
            bench.port.cancel(operation: 1, token: 9)
            bench.port.close(host, resets: false)
        }
    }

    @Test func `using a number that is closed`() async {
        await #expect(processExitsWith: .failure) {
            let bench = try NetBench()
            let (host, _) = try bench.pair()
            bench.port.close(host, resets: false)
            bench.port.finish(host)
        }
        await #expect(processExitsWith: .failure) {
            let bench = try NetBench()
            let (host, _) = try bench.pair()
            bench.port.close(host, resets: false)
            bench.port.receive(on: host, token: 1)
        }
    }

    @Test func `giving a buffer back twice`() async {
        await #expect(processExitsWith: .failure) {
            let bench = try NetBench()
            let (host, peer) = try bench.pair()
            peer.write("x".utf8)
            bench.port.receive(on: host, token: 1)
            let got = try bench.one()
            bench.port.recycle(got.buffer)
            bench.port.recycle(got.buffer)
        }
    }

    @Test func `two operations of one side of a descriptor`() async {
        await #expect(processExitsWith: .failure) {
            let bench = try NetBench()
            let (host, _) = try bench.pair()
            bench.port.receive(on: host, token: 1)
            bench.port.receive(on: host, token: 2)
        }
        await #expect(processExitsWith: .failure) {
            let bench = try NetBench(.tightSockets)
            let (host, _) = try bench.pair()
            bench.port.send(bench.gather("x"), on: host, token: 1)
            bench.port.send(bench.gather("y"), on: host, token: 2)
        }
    }

    @Test func `two operations with one token, and two timeouts`() async {
        await #expect(processExitsWith: .failure) {
            let bench = try NetBench()
            let (host, _) = try bench.pair()
            bench.port.receive(on: host, token: 1)
            bench.port.send(bench.gather("x"), on: host, token: 1)
        }
        await #expect(processExitsWith: .failure) {
            let bench = try NetBench()
            bench.port.timeout(1, token: 1)
            bench.port.timeout(1, token: 2)
        }
    }

    @Test func `finishing while a send is under way`() async {
        await #expect(processExitsWith: .failure) {
            let bench = try NetBench()
            let (host, _) = try bench.pair()
            bench.port.send(bench.gather("x"), on: host, token: 1)
            bench.port.finish(host)
        }
    }
}
