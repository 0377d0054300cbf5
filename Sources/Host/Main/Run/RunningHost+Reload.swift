internal import SluiceBase
internal import SluiceConfig

// SIGHUP and POST /reload.
extension RunningHost {
    /// Reads the file anew: what may change while serving does, what needs a restart is said, a
    /// file with a problem changes nothing.
    ///
    /// Then every source tells its world anew.
    func reload() -> String {
        resync()
        let begun = "every source publishes anew"
        do throws(ConfigFailure) {
            let new = try HostConfiguration.read(configuration.path)
            Log.threshold.set(new.logLevel)
            let changed = configuration.changes(to: new)
            guard !changed.isEmpty else { return begun }
            let text =
                "changed and in force after a restart only: \(changed.joined(separator: ", "))"
            Log.warn(text)
            return "\(begun); \(text)"
        } catch {
            for problem in error.problems { Log.error(problem.description) }
            return "\(begun); the configuration file has problems and was not taken over:"
                + " \(error.description)"
        }
    }
}

extension HostConfiguration {
    /// The keys of the file that differ and do not change while serving.
    fileprivate func changes(to new: HostConfiguration) -> [String] {
        let pairs: [(key: String, isEqual: Bool)] = [
            ("workers", workers == new.workers),
            ("io", io == new.io),
            ("stateDir", stateDirectory == new.stateDirectory),
            ("admin", admin == new.admin),
            ("listeners", listeners == new.listeners),
            ("plugins", plugins == new.plugins),
            ("trustedProxies", forwarding.trusted == new.forwarding.trusted),
            ("forwarding", forwarding.flags == new.forwarding.flags),
            ("limits", limits == new.limits),
        ]
        return pairs.filter { !$0.isEqual }.map(\.key)
    }
}

extension ForwardingTerms {
    fileprivate var flags: [Bool] { [addsForwarded, addsVia] }
}
