// Alone because: `make templates` writes it.

extension TemplateFile {
    /// `Plugins/Examples/rust/sluice/host.rs`.
    // swift-format-ignore
    static let rustSluiceHostRs = TemplateFile(
        path: "sluice/host.rs",
        text: ##"""
        //! The tables for every plugin: section 4 of sluice.h.\##nuse super::*;\##nuse std:\##
        :sync::atomic::{AtomicU64, Ordering};\##n\##npub const SLUICE_IF_BYTES: &[u8] = b"sl\##
        uice.bytes/0\0";\##n\##n#[repr(C)]\##n#[derive(Clone, Copy)]\##npub struct sluice_by\##
        tes_api {\##n    pub retain: Option<unsafe extern "C" fn(buf: *mut sluice_buf)>,\##n\##
            pub release: Option<unsafe extern "C" fn(buf: *mut sluice_buf)>,\##n    pub wrap\##
        : Option<\##n        unsafe extern "C" fn(\##n            owner: *const sluice_host,\##
        \##n            bytes: sluice_span,\##n            release: sluice_release,\##n     \##
               ctx: *mut c_void,\##n            out: *mut *mut sluice_buf,\##n        ) -> s\##
        luice_status,\##n    >,\##n    pub copy: Option<\##n        unsafe extern "C" fn(byt\##
        es: sluice_span, out: *mut *mut sluice_buf) -> sluice_status,\##n    >,\##n    pub v\##
        iew: Option<unsafe extern "C" fn(buf: *mut sluice_buf) -> sluice_span>,\##n}\##n\##n\##
        pub const SLUICE_IF_LOG: &[u8] = b"sluice.log/0\0";\##npub const SLUICE_LOG_TRACE: i\##
        32 = 0;\##npub const SLUICE_LOG_DEBUG: i32 = 1;\##npub const SLUICE_LOG_INFO: i32 = \##
        2;\##npub const SLUICE_LOG_WARN: i32 = 3;\##npub const SLUICE_LOG_ERROR: i32 = 4;\##
        \##n\##n#[repr(C)]\##n#[derive(Clone, Copy)]\##npub struct sluice_log_api {\##n    p\##
        ub threshold: *const u8,\##n    pub write: Option<\##n        unsafe extern "C" fn(\##
        \##n            this: *const sluice_log_api,\##n            level: i32,\##n         \##
           message: sluice_span,\##n            fields: *const sluice_field,\##n            \##
        nfields: usize,\##n        ),\##n    >,\##n}\##n\##npub const SLUICE_IF_METRICS: &[u\##
        8] = b"sluice.metrics/0\0";\##npub const SLUICE_METRIC_COUNTER: i32 = 0;\##npub cons\##
        t SLUICE_METRIC_GAUGE: i32 = 1;\##npub const SLUICE_METRIC_HISTOGRAM: i32 = 2;\##n\##
        \##n#[repr(C)]\##n#[derive(Clone, Copy)]\##npub struct sluice_metric_def {\##n    pu\##
        b size: u32,\##n    pub kind: i32,\##n    pub name: sluice_span,\##n    pub help: sl\##
        uice_span,\##n    pub unit: sluice_span,\##n    pub labels: *const sluice_span,\##n \##
           pub nlabels: u32,\##n    pub max_series: u32,\##n    pub buckets: *const f64,\##n\##
            pub nbuckets: u32,\##n    pub reserved: u32,\##n}\##n\##n#[repr(C)]\##n#[derive(\##
        Clone, Copy)]\##npub struct sluice_cell {\##n    pub value: u64,\##n}\##n\##n#[repr(\##
        C)]\##n#[derive(Clone, Copy)]\##npub struct sluice_metrics_api {\##n    pub define: \##
        Option<\##n        unsafe extern "C" fn(\##n            this: *const sluice_metrics_\##
        api,\##n            def: *const sluice_metric_def,\##n            id: *mut u32,\##n \##
                   err: *mut sluice_error,\##n        ) -> sluice_status,\##n    >,\##n    p\##
        ub cell: Option<\##n        unsafe extern "C" fn(\##n            this: *const sluice\##
        _metrics_api,\##n            id: u32,\##n            values: *const sluice_span,\##n\##
                    nvalues: usize,\##n            out: *mut *mut sluice_cell,\##n        ) \##
        -> sluice_status,\##n    >,\##n    pub observe: Option<\##n        unsafe extern "C"\##
         fn(\##n            this: *const sluice_metrics_api,\##n            histogram: *mut \##
        sluice_cell,\##n            value: f64,\##n        ),\##n    >,\##n}\##n\##npub cons\##
        t SLUICE_IF_HEALTH: &[u8] = b"sluice.health/0\0";\##npub const SLUICE_HEALTH_STARTIN\##
        G: i32 = 0;\##npub const SLUICE_HEALTH_READY: i32 = 1;\##npub const SLUICE_HEALTH_DE\##
        GRADED: i32 = 2;\##npub const SLUICE_HEALTH_FAILED: i32 = 3;\##n\##n#[repr(C)]\##n#[\##
        derive(Clone, Copy)]\##npub struct sluice_health_api {\##n    pub report: Option<\##
        \##n        unsafe extern "C" fn(\##n            this: *const sluice_health_api,\##n\##
                    component: sluice_span,\##n            state: i32,\##n            messag\##
        e: sluice_span,\##n        ) -> sluice_status,\##n    >,\##n    pub beat: Option<\##
        \##n        unsafe extern "C" fn(\##n            this: *const sluice_health_api,\##n\##
                    component: sluice_span,\##n            max_gap_ns: u64,\##n        ) -> \##
        sluice_status,\##n    >,\##n}\##n\##npub const SLUICE_IF_EXEC: &[u8] = b"sluice.exec\##
        /0\0";\##n\##n#[repr(C)]\##n#[derive(Clone, Copy)]\##npub struct sluice_exec_api {\##
        \##n    pub now_ns: Option<unsafe extern "C" fn(this: *const sluice_exec_api) -> u64\##
        >,\##n    pub here: Option<unsafe extern "C" fn(this: *const sluice_exec_api) -> i32\##
        >,\##n    pub post: Option<\##n        unsafe extern "C" fn(\##n            this: *c\##
        onst sluice_exec_api,\##n            r#fn: sluice_task,\##n            ctx: *mut c_v\##
        oid,\##n        ) -> sluice_status,\##n    >,\##n    pub blocking: Option<\##n      \##
          unsafe extern "C" fn(\##n            this: *const sluice_exec_api,\##n            \##
        work: sluice_work,\##n            done: sluice_task,\##n            ctx: *mut c_void\##
        ,\##n        ) -> sluice_status,\##n    >,\##n    pub timer: Option<\##n        unsa\##
        fe extern "C" fn(\##n            this: *const sluice_exec_api,\##n            first_\##
        ns: u64,\##n            repeat_ns: u64,\##n            r#fn: sluice_task,\##n       \##
             ctx: *mut c_void,\##n            id: *mut sluice_tid,\##n        ) -> sluice_st\##
        atus,\##n    >,\##n    pub watch_fd: Option<\##n        unsafe extern "C" fn(\##n   \##
                 this: *const sluice_exec_api,\##n            fd: i32,\##n            events\##
        : u32,\##n            r#fn: sluice_ready,\##n            ctx: *mut c_void,\##n      \##
              id: *mut sluice_tid,\##n        ) -> sluice_status,\##n    >,\##n    pub cance\##
        l:\##n        Option<unsafe extern "C" fn(this: *const sluice_exec_api, id: sluice_t\##
        id) -> sluice_status>,\##n    pub drained: Option<unsafe extern "C" fn(this: *const \##
        sluice_exec_api)>,\##n    pub stopped: Option<unsafe extern "C" fn(this: *const slui\##
        ce_exec_api)>,\##n}\##n\##npub const SLUICE_IF_CLIENT: &[u8] = b"sluice.client/0\0";\##
        \##npub const SLUICE_CALL_STREAM_BODY: u32 = 1;\##npub const SLUICE_CALL_FOLLOW: u32\##
         = 2;\##npub const SLUICE_CALL_H2: u32 = 4;\##npub const SLUICE_CALL_UPGRADE: u32 = \##
        8;\##npub const SLUICE_CALL_H2C: u32 = 16;\##n\##n#[repr(C)]\##n#[derive(Clone, Copy\##
        )]\##npub struct sluice_call {\##n    pub size: u32,\##n    pub flags: u32,\##n    p\##
        ub method: sluice_span,\##n    pub url: sluice_span,\##n    pub tls_profile: sluice_\##
        span,\##n    pub bearer_file: sluice_span,\##n    pub headers: sluice_headers,\##n  \##
          pub body: *const sluice_chunk,\##n    pub nbody: usize,\##n    pub connect_ns: u64\##
        ,\##n    pub head_ns: u64,\##n    pub idle_ns: u64,\##n    pub total_ns: u64,\##n   \##
         pub max_body: u64,\##n}\##n\##npub const SLUICE_FAIL_NONE: i32 = 0;\##npub const SL\##
        UICE_FAIL_CANCELED: i32 = 1;\##npub const SLUICE_FAIL_RESOLVE: i32 = 2;\##npub const\##
         SLUICE_FAIL_CONNECT: i32 = 3;\##npub const SLUICE_FAIL_TLS: i32 = 4;\##npub const S\##
        LUICE_FAIL_RESET: i32 = 5;\##npub const SLUICE_FAIL_PROTOCOL: i32 = 6;\##npub const \##
        SLUICE_FAIL_LIMIT: i32 = 7;\##npub const SLUICE_FAIL_DENIED: i32 = 8;\##npub const S\##
        LUICE_FAIL_TIMEOUT_CONNECT: i32 = 9;\##npub const SLUICE_FAIL_TIMEOUT_HEAD: i32 = 10\##
        ;\##npub const SLUICE_FAIL_TIMEOUT_IDLE: i32 = 11;\##npub const SLUICE_FAIL_TIMEOUT_\##
        TOTAL: i32 = 12;\##npub const SLUICE_FAIL_FILE: i32 = 13;\##npub const SLUICE_FAIL_I\##
        NTERNAL: i32 = 14;\##n\##n#[repr(C)]\##n#[derive(Clone, Copy)]\##npub struct sluice_\##
        call_result {\##n    pub size: u32,\##n    pub outcome: sluice_status,\##n    pub fa\##
        iled: i32,\##n    pub maybe_sent: i32,\##n    pub http_status: i32,\##n    pub attem\##
        pts: u32,\##n    pub connect_ns: u64,\##n    pub head_ns: u64,\##n    pub total_ns: \##
        u64,\##n    pub rx_bytes: u64,\##n    pub tx_bytes: u64,\##n    pub detail: sluice_s\##
        pan,\##n}\##n\##n#[repr(C)]\##n#[derive(Clone, Copy)]\##npub struct sluice_call_even\##
        ts {\##n    pub size: u32,\##n    pub reserved: u32,\##n    pub head: Option<\##n   \##
             unsafe extern "C" fn(\##n            ctx: *mut c_void,\##n            id: sluic\##
        e_cid,\##n            http_status: i32,\##n            headers: sluice_headers,\##n \##
               ),\##n    >,\##n    pub body: Option<\##n        unsafe extern "C" fn(\##n   \##
                 ctx: *mut c_void,\##n            id: sluice_cid,\##n            chunks: *co\##
        nst sluice_chunk,\##n            n: usize,\##n        ) -> sluice_status,\##n    >,\##
        \##n    pub writable: Option<unsafe extern "C" fn(ctx: *mut c_void, id: sluice_cid)>\##
        ,\##n    pub end: Option<\##n        unsafe extern "C" fn(\##n            ctx: *mut \##
        c_void,\##n            id: sluice_cid,\##n            trailers: sluice_headers,\##n \##
                   result: *const sluice_call_result,\##n        ),\##n    >,\##n}\##n\##npu\##
        b const SLUICE_TLS_INSECURE: u32 = 1;\##n\##n#[repr(C)]\##n#[derive(Clone, Copy)]\##
        \##npub struct sluice_tls_profile {\##n    pub size: u32,\##n    pub flags: u32,\##n\##
            pub name: sluice_span,\##n    pub ca_pem: sluice_span,\##n    pub cert_pem: slui\##
        ce_span,\##n    pub key_pem: sluice_span,\##n    pub server_name: sluice_span,\##n}\##
        \##n\##n#[repr(C)]\##n#[derive(Clone, Copy)]\##npub struct sluice_client_api {\##n  \##
          pub send: Option<\##n        unsafe extern "C" fn(\##n            this: *const slu\##
        ice_client_api,\##n            call: *const sluice_call,\##n            events: *con\##
        st sluice_call_events,\##n            ctx: *mut c_void,\##n            id: *mut slui\##
        ce_cid,\##n            err: *mut sluice_error,\##n        ) -> sluice_status,\##n   \##
         >,\##n    pub write: Option<\##n        unsafe extern "C" fn(\##n            this: \##
        *const sluice_client_api,\##n            id: sluice_cid,\##n            chunks: *con\##
        st sluice_chunk,\##n            n: usize,\##n            flags: u32,\##n        ) ->\##
         sluice_status,\##n    >,\##n    pub resume: Option<\##n        unsafe extern "C" fn\##
        (this: *const sluice_client_api, id: sluice_cid) -> sluice_status,\##n    >,\##n    \##
        pub cancel: Option<\##n        unsafe extern "C" fn(this: *const sluice_client_api, \##
        id: sluice_cid) -> sluice_status,\##n    >,\##n    pub profile: Option<\##n        u\##
        nsafe extern "C" fn(\##n            this: *const sluice_client_api,\##n            p\##
        rofile: *const sluice_tls_profile,\##n            err: *mut sluice_error,\##n       \##
         ) -> sluice_status,\##n    >,\##n}\##n\##nimpl sluice_cell {\##n    /// Adds to a c\##
        ounter; returns what it was.\##n    ///\##n    /// # Safety\##n    /// `cell` comes \##
        from `sluice_metrics_api.cell`, and the instance is not destroyed.\##n    pub unsafe\##
         fn add(cell: *mut sluice_cell, n: u64) -> u64 {\##n        (*(cell as *const Atomic\##
        U64)).fetch_add(n, Ordering::Relaxed)\##n    }\##n\##n    /// Reads a counter or a g\##
        auge.\##n    ///\##n    /// # Safety\##n    /// As for `add`.\##n    pub unsafe fn r\##
        ead(cell: *const sluice_cell) -> u64 {\##n        (*(cell as *const AtomicU64)).load\##
        (Ordering::Relaxed)\##n    }\##n}\##n
        """##
    )
}
