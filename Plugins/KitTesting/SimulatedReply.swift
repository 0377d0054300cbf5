internal import SluiceABI

/// The JSON text that an operation builds.
final class ReplyText {
    private(set) var text = ""
    var message: String?
    private var closers: [Character] = []
    private var needsComma = false

    func member(_ key: String?, _ value: String) {
        if needsComma { text += "," }
        if let key { text += "\(quoted(key)):" }
        text += value
        needsComma = true
    }

    func push(_ key: String?, isArray: Bool) {
        member(key, isArray ? "[" : "{")
        closers.append(isArray ? "]" : "}")
        needsComma = false
    }

    func pop() {
        if let closer = closers.popLast() { text.append(closer) }
        needsComma = true
    }

    func quoted(_ text: String) -> String {
        "\"\(text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined())\""
    }

    static func at(_ handle: OpaquePointer?) -> ReplyText? {
        unsafe handle.map {
            unsafe Unmanaged<ReplyText>.fromOpaque(UnsafeRawPointer($0)).takeUnretainedValue()
        }
    }
}

private func key(_ span: sluice_span) -> String? {
    unsafe span.data == nil ? nil : String(span)
}

func replyTable() -> sluice_reply_api {
    unsafe sluice_reply_api(
        text: { handle, name, value in
            guard let reply = unsafe ReplyText.at(handle) else { return }
            reply.member(unsafe key(name), reply.quoted(unsafe String(value)))
        },
        number: { handle, name, value in
            unsafe ReplyText.at(handle)?.member(key(name), "\(value)")
        },
        integer: { handle, name, value in
            unsafe ReplyText.at(handle)?.member(key(name), "\(value)")
        },
        boolean: { handle, name, value in
            unsafe ReplyText.at(handle)?.member(key(name), value == 0 ? "false" : "true")
        },
        json: { handle, name, value in
            unsafe ReplyText.at(handle)?.member(key(name), String(value))
        },
        push: { handle, name, array in
            unsafe ReplyText.at(handle)?.push(key(name), isArray: array != 0)
        },
        pop: { handle in unsafe ReplyText.at(handle)?.pop() },
        fail: { handle, message in unsafe ReplyText.at(handle)?.message = String(message) }
    )
}
