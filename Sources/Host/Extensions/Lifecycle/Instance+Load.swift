internal import Glibc
internal import SluiceABI
internal import SluiceBase
internal import SluiceConfig
internal import Synchronization

/// From a library to a created instance. All of it runs on the lane.
extension Instance {
    /// Opens the library and reads what it says of itself.
    func open(path: String) throws(PluginRefusal) {
        let signals = SignalGuard()
        let caller = Entered.enter(index)
        let opened = Result { () throws(PluginRefusal) in try Image.open(path) }
        Entered.leave(to: caller)
        let image = try opened.get()
        // A Go runtime cannot live without its own handlers.
        if !image.description.isGo {
            let changed = signals.restore()
            if !changed.isEmpty {
                let names = changed.map(TrialLoad.name).joined(separator: ", ")
                Log.warn("plugin \(name): \(path) changed the handling of \(names); put back")
            }
        }
        shown.withLock { shown in
            shown.path = path
            shown.description = image.description
        }
    }

    /// Checks the configuration, creates the instance and reads its roles.
    func create() throws(PluginRefusal) {
        guard let description else { throw PluginRefusal("its library was not opened") }
        let config = try ConfigCheck.text(configuration, schema: description.configSchema)
        try checkConfig(config, description)
        let tables = try HostTables(
            instance: self,
            usesFixed: environment.usesFixedTrampolines
        )
        self.tables = tables
        try create(config, description, tables)
        do throws(PluginRefusal) {
            try takeRoles(description)
        } catch {
            destroy()
            throw error
        }
        become(.created)
    }

    private func checkConfig(_ config: [UInt8], _ description: Description)
        throws(PluginRefusal)
    {
        guard let check = unsafe description.operations.check_config else { return }
        var failure = PluginError.empty
        let status = config.withBytes { bytes in
            entering { unsafe check(bytes.span, &failure) }
        }
        guard status >= 0 else { throw Self.refusal("check_config", status, failure) }
    }

    private func create(
        _ config: [UInt8],
        _ description: Description,
        _ tables: HostTables
    ) throws(PluginRefusal) {
        guard let create = unsafe description.operations.create else {
            throw PluginRefusal("its ops have no create")
        }
        let directory = try stateDirectory()
        var told = unsafe sluice_instance()
        unsafe told.size = unsafe UInt32(MemoryLayout<sluice_instance>.size)
        unsafe told.workers = UInt32(environment.workers)
        unsafe told.check_only = environment.isCheck ? 1 : 0
        unsafe told.name = name.permanentSpan
        unsafe told.state_dir = directory.permanentSpan
        unsafe told.config_dir = environment.configurationDirectory.permanentSpan
        var failure = PluginError.empty
        let status = config.withBytes { bytes in
            unsafe told.config = bytes.span
            return entering { unsafe create(tables.host, &told, &plugin, &failure) }
        }
        guard status >= 0 else { throw Self.refusal("create", status, failure) }
        isCreated = true
    }

    static func refusal(_ step: String, _ status: sluice_status, _ failure: sluice_error)
        -> PluginRefusal
    {
        let fallback = "\(step) answered \(StatusName.text(status)) and gave no reason"
        return PluginRefusal(
            PluginError.text(failure, otherwise: fallback),
            pointer: PluginError.pointer(failure)
        )
    }

    /// The instance's own folder, made with mode 0700; a check makes none.
    private func stateDirectory() throws(PluginRefusal) -> String {
        let directory = "\(environment.stateDirectory)/plugins/\(name)"
        guard !environment.isCheck else { return directory }
        var path = directory.hasPrefix("/") ? "/" : ""
        for part in directory.split(separator: "/") {
            path += (path.isEmpty || path == "/" ? "" : "/") + part
            guard unsafe mkdir(path, 0o700) != 0, errno != EEXIST else { continue }
            throw PluginRefusal("its state directory \(path) cannot be made: \(Errno.last)")
        }
        return directory
    }

    private func takeRoles(_ description: Description) throws(PluginRefusal) {
        guard let role = unsafe description.operations.role else { return }
        var roles: [PluginRole] = []
        for kind in PluginRole.allCases {
            let id = unsafe UnsafeRawPointer(kind.id.permanentSpan.data)?
                .assumingMemoryBound(to: CChar.self)
            let found = unsafe entering { unsafe role(plugin, id) }
            guard let found = unsafe found else { continue }
            roles.append(kind)
            switch kind {
            case .service:
                try unsafe takeService(found.assumingMemoryBound(to: sluice_service_ops.self))
            case .source:
                let operations = unsafe found.assumingMemoryBound(to: sluice_source_ops.self)
                unsafe source = operations.sized(empty: sluice_source_ops())
            }
        }
        shown.withLock { $0.roles = roles }
    }

    private func takeService(_ pointer: UnsafePointer<sluice_service_ops>) throws(PluginRefusal) {
        let operations = unsafe pointer.sized(empty: sluice_service_ops())
        guard unsafe operations.request != nil, let mounts = unsafe operations.mounts else {
            throw PluginRefusal("its service ops lack mounts or request")
        }
        var list = unsafe sluice_list()
        let status = entering { unsafe mounts(plugin, &list) }
        guard status >= 0 else {
            throw PluginRefusal("mounts answered \(StatusName.text(status))")
        }
        let limits = environment.limits
        let table = try unsafe MountTable(
            list,
            terms: MountTable.Terms(
                allowsInline: configuration.isInline,
                bodyBytesMax: limits.serviceBodyBytesMax,
                timeoutNanoseconds: UInt64(limits.serviceTimeoutNanoseconds),
                inflightMax: limits.serviceInflightMax
            )
        )
        for remark in table.remarks { Log.info("plugin \(name): \(remark)") }
        guard
            let slot = Services.process.add(
                table.mounts,
                operations,
                self,
                limits
            )
        else { throw PluginRefusal("all \(Services.slotsMax) service slots are taken") }
        serviceSlot = slot
        shown.withLock { shown in shown.mounts = table.mounts.map { $0.prefixBytes.text } }
    }
}
