import SluiceABI

/// The service.
extension Every {
    private func respond(_ id: sluice_rid, _ status: Int32, _ body: String) {
        var piece = sluice_chunk(bytes: text(body), owner: nil)
        withUnsafePointer(to: &piece) { piece in
            var response = sluice_response()
            response.size = size(sluice_response.self)
            response.status = status
            response.body = piece
            response.nbody = 1
            self.status("http.respond", http?.pointee.respond) { $0(id, &response, nil) }
        }
    }

    func request(_ id: sluice_rid, _ suffix: String) -> sluice_status {
        guard let http else { return SLUICE_DECLINED }
        switch suffix {
        case "report": respond(id, 200, report)
        case "whole": whole(id, http)
        case "pieces":
            status("http.inform", http.pointee.inform) { $0(id, 103, sluice_headers(), nil) }
            status("http.begin", http.pointee.begin) { $0(id, 200, sluice_headers(), nil) }
            streamed = id
            return SLUICE_PENDING
        case "abort": status("http.abort", http.pointee.abort) { $0(id, text("wanted")) }
        case "forward": return forward(id, http)
        default: return SLUICE_DECLINED
        }
        return SLUICE_OK
    }

    private func whole(_ id: sluice_rid, _ http: UnsafePointer<sluice_http_api>) {
        status("http.header", http.pointee.header) {
            right(string($0(id, UInt32(SLUICE_REQUEST), text("x-every"), 0)) == "yes")
        }
        status("http.deadline", http.pointee.deadline) {
            $0(id, (exec?.pointee.now_ns(exec) ?? 0) + 60_000_000_000)
        }
        respond(id, 200, "whole")
    }

    private func forward(_ id: sluice_rid, _ http: UnsafePointer<sluice_http_api>) -> sluice_status
    {
        var target = sluice_forward()
        target.size = size(sluice_forward.self)
        target.pool = text("every")
        status("http.forward", http.pointee.forward) { $0(id, &target, nil) }
        guard http.pointee.forward == nil else { return SLUICE_PENDING }
        respond(id, 501, "no forward")
        return SLUICE_OK
    }

    func body(_ id: sluice_rid, _ flags: UInt32) -> sluice_status {
        guard id == streamed, let http, let exec else { return SLUICE_OK }
        var piece = sluice_chunk(bytes: text("piece"), owner: nil)
        status("http.write", http.pointee.write) { $0(id, &piece, 1, 0) }
        guard flags & UInt32(SLUICE_END) == 0 else {
            status("http.finish", http.pointee.finish) { $0(id, sluice_headers()) }
            return SLUICE_OK
        }
        let posted = exec.pointee.post(
            exec,
            { context, why in if why == SLUICE_OK { Every.at(context).ask() } },
            context
        )
        return posted < 0 ? SLUICE_OK : SLUICE_E_AGAIN
    }

    private func ask() {
        status("http.resume", http?.pointee.resume) { $0(streamed, UInt32(SLUICE_REQUEST)) }
    }
}

/// The filter.
extension Every {
    func open(_ id: sluice_rid) {
        guard let http else { return }
        let side = UInt32(SLUICE_REQUEST)
        status("http.header_set", http.pointee.header_set) {
            $0(id, side, text("x-every"), text("yes"))
        }
        status("http.header_add", http.pointee.header_add) {
            $0(id, side, text("x-every"), text("yes"))
        }
        status("http.header_remove", http.pointee.header_remove) {
            $0(id, side, text("x-removed"))
        }
        status("http.path_set", http.pointee.path_set) { $0(id, text("/filtered"), sluice_span()) }
    }

    func filterBody(_ id: sluice_rid, _ side: UInt32, _ flags: UInt32) -> sluice_flow {
        guard let http else { return SLUICE_GO }
        guard flags & UInt32(SLUICE_END) != 0 else { return SLUICE_HOLD }
        var out = [sluice_chunk](repeating: sluice_chunk(), count: 8)
        var count = out.count
        var piece = sluice_chunk(bytes: text("filtered"), owner: nil)
        status("http.held", http.pointee.held) { $0(id, side, &out, &count) }
        status("http.body_set", http.pointee.body_set) { $0(id, side, &piece, 1) }
        return SLUICE_GO
    }

    func response(_ id: sluice_rid) {
        status("http.status_set", http?.pointee.status_set) { $0(id, 201) }
    }
}

/// The operations.
extension Every {
    func operation(_ out: OpaquePointer?) -> sluice_status {
        guard let reply else { return SLUICE_E_UNSUPPORTED }
        nothing("reply.text", reply.pointee.text) { $0(out, text("text"), text("a")) }
        nothing("reply.number", reply.pointee.number) { $0(out, text("number"), 1.5) }
        nothing("reply.integer", reply.pointee.integer) { $0(out, text("integer"), 7) }
        nothing("reply.boolean", reply.pointee.boolean) { $0(out, text("boolean"), 1) }
        nothing("reply.json", reply.pointee.json) { $0(out, text("json"), text("[1]")) }
        nothing("reply.push", reply.pointee.push) { $0(out, text("child"), 0) }
        nothing("reply.pop", reply.pointee.pop) { $0(out) }
        return SLUICE_OK
    }

    func failing(_ out: OpaquePointer?) -> sluice_status {
        if let reply { nothing("reply.fail", reply.pointee.fail) { $0(out, text("wanted")) } }
        return SLUICE_E_STATE
    }
}

/// The end.
extension Every {
    func drained() {
        guard let exec else { return }
        nothing("exec.drained", exec.pointee.drained) { $0(exec) }
    }

    func stopped() {
        guard let exec else { return }
        later("exec.stopped", exec.pointee.stopped) { stopped in
            record("exec.stopped", SLUICE_OK)
            write("report.json", report)
            stopped(exec)
            return SLUICE_OK
        }
    }
}
