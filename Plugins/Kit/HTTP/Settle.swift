extension Exchange {
    /// Ends the answer when the plugin's function has ended.
    ///
    /// True: nothing was sent, and the plugin has declined while the host still asks.
    @discardableResult
    func settle(_ error: (any Error)?, isDeclinable: Bool) -> Bool {
        if closed != nil || progress == .ended {
            if let error, !isExpected(error) { note(error) }
            return false
        }
        do throws(PluginError) {
            switch (progress, error) {
            case (.begun, nil): try finish([:])
            case (.begun, let error?):
                note(error)
                try abort("failed")
            case (_, let response as Response): try respond(response)
            case (_, is Declined):
                if isDeclinable { return true }
                try respond(.text(404, "no such resource\n"))
            case (_, let error?):
                note(error)
                try respond(.text(500, "internal error\n"))
            case (_, nil):
                host.log.error("a request was not answered", ["path": path])
                try respond(.text(500, "internal error\n"))
            }
        } catch {
            if error.status != .gone { note(error) }
        }
        return false
    }

    /// What an answer that nobody wants may end with.
    private func isExpected(_ error: any Error) -> Bool {
        if error is CancellationError || error is Declined { return true }
        let status = (error as? PluginError)?.status
        return status == .gone || status == .canceled
    }

    private func note(_ error: any Error) {
        host.log.error("a request failed", ["path": path, "error": "\(error)"])
    }

    private var path: String { Request(exchange: self).path }
}
