package import SluiceBase

/// Writes heads for the next hop: what passes is copied in whole runs, what ends here is skipped.
package enum Forward {
    /// Writes the request for the origin (RFC 9110 7.6).
    ///
    /// `path` is the normal form. A Host is always there: the target's authority if it has one,
    /// else the field that came, else an empty one (RFC 9112 3.2).
    package static func request(
        _ head: borrowing RequestHead,
        _ bytes: Bytes,
        path: Bytes,
        to output: inout ByteWriter
    ) {
        output.append(bytes.slice(head.methodStart, head.methodLength))
        output.append(0x20)
        output.append(head.asksForServer ? "*" : path)
        if head.queryStart >= 0 {
            output.append(0x3f)
            output.append(bytes.slice(head.queryStart, head.queryLength))
        }
        output.append(" HTTP/1.1\r\n")
        if head.isAbsolute {
            output.append("Host: ")
            output.append(bytes.slice(head.hostStart, head.hostLength))
            output.append("\r\n")
        } else if head.section.hostIndex < 0 {
            output.append("Host:\r\n")
        }
        fields(
            head.section,
            bytes,
            from: head.fieldsStart,
            to: head.length &- 2,
            dropping: head.isAbsolute ? FieldName.host.bit : 0,
            &output
        )
        output.append("\r\n")
    }

    /// Writes the response for the client: always HTTP/1.1, with a Date (RFC 9110 6.6.1).
    ///
    /// `unchunked`: the body goes on without its chunks, as HTTP/1.0 demands. What frames a body is
    /// dropped where there can be none (RFC 9110 8.6, RFC 9112 6.1).
    package static func response(
        _ head: borrowing ResponseHead,
        _ bytes: Bytes,
        closing: Bool,
        unchunked: Bool = false,
        date: Bytes,
        to output: inout ByteWriter
    ) {
        output.append("HTTP/1.1")
        output.append(bytes.slice(head.statusStart, head.statusLength))
        // The space before the reason stands even when there is no reason (RFC 9112 4).
        output.append(head.statusLength == 4 ? " \r\n" : "\r\n")
        fields(
            head.section,
            bytes,
            from: head.fieldsStart,
            to: head.length &- 2,
            dropping: dropped(head.status, unchunked),
            &output
        )
        if !head.section.hasDate, head.status >= 200 {
            output.append("Date: ")
            output.append(date)
            output.append("\r\n")
        }
        if closing { output.append("Connection: close\r\n") }
        output.append("\r\n")
    }

    private static func dropped(_ status: UInt16, _ unchunked: Bool) -> UInt32 {
        if status < 200 || status == 204 {
            return FieldName.contentLength.bit | FieldName.transferEncoding.bit
        }
        return unchunked ? FieldName.transferEncoding.bit : 0
    }

    /// Copies the field lines in runs between those that do not pass; `names` go as well.
    private static func fields(
        _ section: borrowing FieldSection,
        _ bytes: Bytes,
        from start: Int,
        to end: Int,
        dropping names: UInt32,
        _ output: inout ByteWriter
    ) {
        guard section.hopByHopCount > 0 || names != 0 else {
            output.append(bytes.slice(start, end &- start))
            return
        }
        var run = start
        for index in 0..<section.count {
            let field = section.fields[index]
            guard field.isHopByHop || field.name.bit & names != 0 else { continue }
            output.append(bytes.slice(run, Int(field.lineStart) &- run))
            run = Int(field.lineEnd)
        }
        output.append(bytes.slice(run, end &- run))
    }
}
