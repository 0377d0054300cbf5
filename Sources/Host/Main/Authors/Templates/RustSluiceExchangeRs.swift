// Alone because: `make templates` writes it.

extension TemplateFile {
    /// `Plugins/Examples/rust/sluice/exchange.rs`.
    // swift-format-ignore
    static let rustSluiceExchangeRs = TemplateFile(
        path: "sluice/exchange.rs",
        text: ##"""
        //! HTTP exchanges: section 5 of sluice.h.\##nuse super::*;\##n\##npub const SLUICE_\##
        IF_HTTP: &[u8] = b"sluice.http/0\0";\##npub const SLUICE_M_GET: u32 = 1;\##npub cons\##
        t SLUICE_M_HEAD: u32 = 2;\##npub const SLUICE_M_POST: u32 = 4;\##npub const SLUICE_M\##
        _PUT: u32 = 8;\##npub const SLUICE_M_DELETE: u32 = 16;\##npub const SLUICE_M_PATCH: \##
        u32 = 32;\##npub const SLUICE_M_OPTIONS: u32 = 64;\##npub const SLUICE_M_CONNECT: u3\##
        2 = 128;\##npub const SLUICE_M_OTHER: u32 = 256;\##n\##n#[repr(C)]\##n#[derive(Clone\##
        , Copy)]\##npub struct sluice_request {\##n    pub size: u32,\##n    pub method: u32\##
        ,\##n    pub method_name: sluice_span,\##n    pub scheme: sluice_span,\##n    pub au\##
        thority: sluice_span,\##n    pub path: sluice_span,\##n    pub suffix: sluice_span,\##
        \##n    pub query: sluice_span,\##n    pub headers: sluice_headers,\##n    pub trail\##
        ers: sluice_headers,\##n    pub content_length: i64,\##n    pub http_version: u32,\##
        \##n    pub flags: u32,\##n    pub peer: sluice_span,\##n    pub sni: sluice_span,\##
        \##n    pub client_cert: sluice_span,\##n    pub request_id: sluice_span,\##n    pub\##
         route: sluice_span,\##n    pub trace_parent: sluice_span,\##n    pub arrived_ns: u6\##
        4,\##n    pub deadline_ns: u64,\##n}\##n\##npub const SLUICE_REQ_TLS: u32 = 1;\##npu\##
        b const SLUICE_REQ_END: u32 = 2;\##npub const SLUICE_REQ_EXPECT: u32 = 4;\##npub con\##
        st SLUICE_REQ_UPGRADE: u32 = 8;\##npub const SLUICE_END: u32 = 1;\##n\##n#[repr(C)]\##
        \##n#[derive(Clone, Copy)]\##npub struct sluice_response {\##n    pub size: u32,\##n\##
            pub status: i32,\##n    pub headers: sluice_headers,\##n    pub body: *const slu\##
        ice_chunk,\##n    pub nbody: usize,\##n    pub reason: sluice_span,\##n}\##n\##npub \##
        const SLUICE_CLOSE_DONE: i32 = 0;\##npub const SLUICE_CLOSE_CLIENT: i32 = 1;\##npub \##
        const SLUICE_CLOSE_TIMEOUT: i32 = 2;\##npub const SLUICE_CLOSE_OVERLOAD: i32 = 3;\##
        \##npub const SLUICE_CLOSE_UPSTREAM: i32 = 4;\##npub const SLUICE_CLOSE_PLUGIN: i32 \##
        = 5;\##npub const SLUICE_CLOSE_SHUTDOWN: i32 = 6;\##n\##n#[repr(C)]\##n#[derive(Clon\##
        e, Copy)]\##npub struct sluice_exchange {\##n    pub size: u32,\##n    pub status: i\##
        32,\##n    pub close: i32,\##n    pub retries: u32,\##n    pub rx_bytes: u64,\##n   \##
         pub tx_bytes: u64,\##n    pub first_byte_ns: u64,\##n    pub total_ns: u64,\##n    \##
        pub upstream: sluice_span,\##n}\##n\##n#[repr(C)]\##n#[derive(Clone, Copy)]\##npub s\##
        truct sluice_forward {\##n    pub size: u32,\##n    pub reserved: u32,\##n    pub so\##
        urce: sluice_span,\##n    pub pool: sluice_span,\##n    pub path: sluice_span,\##n  \##
          pub set: sluice_headers,\##n    pub remove: *const sluice_span,\##n    pub nremove\##
        : usize,\##n}\##n\##n#[repr(C)]\##n#[derive(Clone, Copy)]\##npub struct sluice_http_\##
        api {\##n    pub header: Option<\##n        unsafe extern "C" fn(id: sluice_rid, sid\##
        e: u32, name: sluice_span, nth: u32) -> sluice_span,\##n    >,\##n    pub respond: O\##
        ption<\##n        unsafe extern "C" fn(\##n            id: sluice_rid,\##n          \##
          response: *const sluice_response,\##n            err: *mut sluice_error,\##n      \##
          ) -> sluice_status,\##n    >,\##n    pub inform: Option<\##n        unsafe extern \##
        "C" fn(\##n            id: sluice_rid,\##n            status_1xx: i32,\##n          \##
          headers: sluice_headers,\##n            err: *mut sluice_error,\##n        ) -> sl\##
        uice_status,\##n    >,\##n    pub begin: Option<\##n        unsafe extern "C" fn(\##
        \##n            id: sluice_rid,\##n            status: i32,\##n            headers: \##
        sluice_headers,\##n            err: *mut sluice_error,\##n        ) -> sluice_status\##
        ,\##n    >,\##n    pub write: Option<\##n        unsafe extern "C" fn(\##n          \##
          id: sluice_rid,\##n            chunks: *const sluice_chunk,\##n            n: usiz\##
        e,\##n            flags: u32,\##n        ) -> sluice_status,\##n    >,\##n    pub fi\##
        nish:\##n        Option<unsafe extern "C" fn(id: sluice_rid, trailers: sluice_header\##
        s) -> sluice_status>,\##n    pub abort: Option<unsafe extern "C" fn(id: sluice_rid, \##
        reason: sluice_span) -> sluice_status>,\##n    pub resume: Option<unsafe extern "C" \##
        fn(id: sluice_rid, side: u32) -> sluice_status>,\##n    pub deadline: Option<unsafe \##
        extern "C" fn(id: sluice_rid, deadline_ns: u64) -> sluice_status>,\##n    pub forwar\##
        d: Option<\##n        unsafe extern "C" fn(\##n            id: sluice_rid,\##n      \##
              forward: *const sluice_forward,\##n            err: *mut sluice_error,\##n    \##
            ) -> sluice_status,\##n    >,\##n    pub header_set: Option<\##n        unsafe e\##
        xtern "C" fn(\##n            id: sluice_rid,\##n            side: u32,\##n          \##
          name: sluice_span,\##n            value: sluice_span,\##n        ) -> sluice_statu\##
        s,\##n    >,\##n    pub header_add: Option<\##n        unsafe extern "C" fn(\##n    \##
                id: sluice_rid,\##n            side: u32,\##n            name: sluice_span,\##
        \##n            value: sluice_span,\##n        ) -> sluice_status,\##n    >,\##n    \##
        pub header_remove:\##n        Option<unsafe extern "C" fn(id: sluice_rid, side: u32,\##
         name: sluice_span) -> sluice_status>,\##n    pub path_set: Option<\##n        unsaf\##
        e extern "C" fn(\##n            id: sluice_rid,\##n            path: sluice_span,\##
        \##n            query: sluice_span,\##n        ) -> sluice_status,\##n    >,\##n    \##
        pub status_set: Option<unsafe extern "C" fn(id: sluice_rid, status: i32) -> sluice_s\##
        tatus>,\##n    pub body_set: Option<\##n        unsafe extern "C" fn(\##n           \##
         id: sluice_rid,\##n            side: u32,\##n            chunks: *const sluice_chun\##
        k,\##n            n: usize,\##n        ) -> sluice_status,\##n    >,\##n    pub held\##
        : Option<\##n        unsafe extern "C" fn(\##n            id: sluice_rid,\##n       \##
             side: u32,\##n            out: *mut sluice_chunk,\##n            n: *mut usize,\##
        \##n        ) -> sluice_status,\##n    >,\##n}\##n\##npub const SLUICE_REQUEST: u32 \##
        = 0;\##npub const SLUICE_RESPONSE: u32 = 1;\##npub const SLUICE_TRAILERS: u32 = 2;\##
        \##n
        """##
    )
}
