internal import Glibc
internal import SluiceBase
internal import SluiceConfig
internal import SluiceHTTP

/// Asks the admin API of a running host, one request a connection.
struct AdminClient {
    let address: SocketAddress

    /// How long an answer may take; the host itself answers earlier.
    private static let timeoutNanoseconds = 120 * second
    private static let answerBytesMax = 64 * mebibyte
    private static let pieceBytes = 64 * kibibyte
    private static let fieldsMax = 64

    struct Answer {
        let status: UInt16
        let body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
        var isSuccess: Bool { (200..<300).contains(status) }
    }

    /// Why there is no answer: a sentence.
    struct Failure: Error {
        let text: String
    }

    /// Sends a request and waits for the whole answer.
    func ask(
        _ method: String,
        _ path: String,
        body: [UInt8] = []
    ) throws(Failure) -> Answer {
        let deadline = Clock.deadline(Clock.now(), after: Self.timeoutNanoseconds)
        do throws(Errno) {
            let descriptor = try StreamSocket.connect(
                target.socketAddress(port: address.port),
                until: deadline
            )
            defer { StreamSocket.close(descriptor) }
            let head =
                "\(method) \(path) HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n"
                + "Content-Length: \(body.count)\r\n\r\n"
            try send(Array(head.utf8) + body, to: descriptor, until: deadline)
            let received = try receive(from: descriptor, until: deadline)
            if let answer = Self.read(received) { return answer }
        } catch {
            throw Failure(
                text: "no answer from the admin API at \(address): \(error);"
                    + " is a host running there?"
            )
        }
        throw Failure(text: "what answers at \(address) is not an admin API")
    }

    /// Where to connect: a host that listens on every address is asked on loopback.
    private var target: IPAddress {
        let unspecified = [IPAddress.any, IPAddress(ipv4: 0)]
        return unspecified.contains(address.address)
            ? IPAddress(ipv4: 0x7F00_0001) : address.address
    }

    private var host: String { target.authority(port: address.port) }

    private func send(
        _ bytes: [UInt8],
        to descriptor: Int32,
        until deadline: UInt64
    ) throws(Errno) {
        var rest = bytes[...]
        while !rest.isEmpty {
            switch StreamSocket.send(descriptor, rest) {
            case .bytes(let count): rest = rest.dropFirst(count)
            case .blocked: try wait(descriptor, reads: false, until: deadline)
            case .ended: return
            case .failed(let failure): throw failure
            }
        }
    }

    private func receive(from descriptor: Int32, until deadline: UInt64) throws(Errno) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count <= Self.answerBytesMax {
            switch StreamSocket.receive(descriptor, into: &bytes, bytesMax: Self.pieceBytes) {
            case .bytes: continue
            case .blocked: try wait(descriptor, reads: true, until: deadline)
            case .ended: return bytes
            case .failed(let failure): throw failure
            }
        }
        throw Errno(EMSGSIZE)
    }

    private func wait(_ descriptor: Int32, reads: Bool, until deadline: UInt64) throws(Errno) {
        var poller = Poller()
        let place = poller.add(descriptor, reads: reads, writes: !reads)
        poller.wait(milliseconds: Clock.milliseconds(until: deadline, from: Clock.now()))
        let isReady = reads ? poller.canRead(place) : poller.canWrite(place)
        guard isReady || Clock.now() < deadline else { throw Errno(ETIMEDOUT) }
    }

    private static func read(_ received: [UInt8]) -> Answer? {
        var head = ResponseHead(fieldsMax: fieldsMax)
        return received.withBytes { bytes in
            guard case .complete(let length) = head.parse(bytes) else { return nil }
            let body = bytes.from(length)
            guard head.facts.fields.contentLength == Int64(body.count) else { return nil }
            return Answer(status: head.facts.status, body: body.array)
        }
    }
}

extension AdminClient {
    /// The flags that say which host is meant.
    static let flags = [
        Command.Flag(
            name: "--admin",
            value: "ADDRESS",
            isRequired: false,
            sentence: "the host's admin.address (default \(standard))"
        ),
        Command.Flag(
            name: "--config",
            value: "FILE",
            isRequired: false,
            sentence: "the host's configuration, which has the address"
        ),
    ]

    private static let standard = HostConfiguration().admin

    /// The host that the flags name.
    init(_ flags: [String: String]) throws(Failure) {
        if let text = flags["--admin"] {
            do throws(SocketAddress.Refusal) {
                address = try SocketAddress(text)
            } catch {
                throw Failure(text: "--admin: \(error.text)")
            }
        } else if let path = flags["--config"] {
            do throws(ConfigFailure) {
                address = try HostConfiguration.read(path).admin
            } catch {
                throw Failure(text: error.description)
            }
        } else {
            address = Self.standard
        }
    }
}
