// Alone because: `make templates` writes it.

extension TemplateFile {
    /// `Plugins/Examples/rust/sluice/roles.rs`.
    // swift-format-ignore
    static let rustSluiceRolesRs = TemplateFile(
        path: "sluice/roles.rs",
        text: ##"""
        //! The roles a plugin may play: section 6 of sluice.h.\##nuse super::*;\##n\##npub \##
        const SLUICE_ROLE_SERVICE: &[u8] = b"sluice.service/0\0";\##npub const SLUICE_BODY_N\##
        ONE: i32 = 0;\##npub const SLUICE_BODY_BUFFERED: i32 = 1;\##npub const SLUICE_BODY_S\##
        TREAM: i32 = 2;\##npub const SLUICE_MOUNT_INLINE: u32 = 1;\##npub const SLUICE_MOUNT\##
        _HALF_CLOSE: u32 = 2;\##n\##n#[repr(C)]\##n#[derive(Clone, Copy)]\##npub struct slui\##
        ce_mount {\##n    pub size: u32,\##n    pub methods: u32,\##n    pub prefix: sluice_\##
        span,\##n    pub pattern: sluice_span,\##n    pub body: i32,\##n    pub flags: u32,\##
        \##n    pub max_body: u64,\##n    pub head_ns: u64,\##n    pub idle_ns: u64,\##n    \##
        pub total_ns: u64,\##n    pub max_inflight: u32,\##n    pub tag: u32,\##n}\##n\##n#[\##
        repr(C)]\##n#[derive(Clone, Copy)]\##npub struct sluice_service_ops {\##n    pub siz\##
        e: u32,\##n    pub reserved: u32,\##n    pub mounts: Option<\##n        unsafe exter\##
        n "C" fn(\##n            this: *mut c_void,\##n            out: *mut sluice_list,\##
        \##n            err: *mut sluice_error,\##n        ) -> sluice_status,\##n    >,\##n\##
            pub request: Option<\##n        unsafe extern "C" fn(\##n            this: *mut \##
        c_void,\##n            id: sluice_rid,\##n            tag: u32,\##n            reque\##
        st: *const sluice_request,\##n            body: *const sluice_chunk,\##n            \##
        nbody: usize,\##n            ctx: *mut *mut c_void,\##n            err: *mut sluice_\##
        error,\##n        ) -> sluice_status,\##n    >,\##n    pub body: Option<\##n        \##
        unsafe extern "C" fn(\##n            this: *mut c_void,\##n            ctx: *mut c_v\##
        oid,\##n            id: sluice_rid,\##n            chunks: *const sluice_chunk,\##n \##
                   n: usize,\##n            flags: u32,\##n        ) -> sluice_status,\##n  \##
          >,\##n    pub trailers: Option<\##n        unsafe extern "C" fn(\##n            th\##
        is: *mut c_void,\##n            ctx: *mut c_void,\##n            id: sluice_rid,\##n\##
                    trailers: sluice_headers,\##n        ),\##n    >,\##n    pub writable: O\##
        ption<unsafe extern "C" fn(this: *mut c_void, ctx: *mut c_void, id: sluice_rid)>,\##
        \##n    pub cancel:\##n        Option<unsafe extern "C" fn(this: *mut c_void, ctx: *\##
        mut c_void, id: sluice_rid, why: i32)>,\##n    pub done: Option<\##n        unsafe e\##
        xtern "C" fn(\##n            this: *mut c_void,\##n            ctx: *mut c_void,\##n\##
                    id: sluice_rid,\##n            x: *const sluice_exchange,\##n        ),\##
        \##n    >,\##n}\##n\##npub const SLUICE_ROLE_FILTER: &[u8] = b"sluice.filter/0\0";\##
        \##npub type sluice_flow = i32;\##npub const SLUICE_GO: i32 = 0;\##npub const SLUICE\##
        _HOLD: i32 = 1;\##npub const SLUICE_STOP: i32 = 2;\##npub const SLUICE_ANSWERED: i32\##
         = 3;\##npub const SLUICE_SKIP: i32 = 4;\##n\##n#[repr(C)]\##n#[derive(Clone, Copy)]\##
        \##npub struct sluice_filter_ops {\##n    pub size: u32,\##n    pub wants: u32,\##n \##
           pub route_new: Option<\##n        unsafe extern "C" fn(\##n            this: *mut\##
         c_void,\##n            json: sluice_span,\##n            cfg: *mut *mut c_void,\##n\##
                    err: *mut sluice_error,\##n        ) -> sluice_status,\##n    >,\##n    \##
        pub route_free: Option<unsafe extern "C" fn(this: *mut c_void, cfg: *mut c_void)>,\##
        \##n    pub open: Option<\##n        unsafe extern "C" fn(\##n            this: *mut\##
         c_void,\##n            cfg: *mut c_void,\##n            id: sluice_rid,\##n        \##
            request: *const sluice_request,\##n            ctx: *mut *mut c_void,\##n       \##
         ) -> sluice_flow,\##n    >,\##n    pub body: Option<\##n        unsafe extern "C" f\##
        n(\##n            this: *mut c_void,\##n            ctx: *mut c_void,\##n           \##
         id: sluice_rid,\##n            side: u32,\##n            chunks: *const sluice_chun\##
        k,\##n            n: usize,\##n            flags: u32,\##n        ) -> sluice_flow,\##
        \##n    >,\##n    pub response: Option<\##n        unsafe extern "C" fn(\##n        \##
            this: *mut c_void,\##n            ctx: *mut c_void,\##n            id: sluice_ri\##
        d,\##n            status: i32,\##n            headers: sluice_headers,\##n          \##
          flags: u32,\##n        ) -> sluice_flow,\##n    >,\##n    pub trailers: Option<\##
        \##n        unsafe extern "C" fn(\##n            this: *mut c_void,\##n            c\##
        tx: *mut c_void,\##n            id: sluice_rid,\##n            side: u32,\##n       \##
             trailers: sluice_headers,\##n        ) -> sluice_flow,\##n    >,\##n    pub clo\##
        se: Option<\##n        unsafe extern "C" fn(\##n            this: *mut c_void,\##n  \##
                  ctx: *mut c_void,\##n            id: sluice_rid,\##n            x: *const \##
        sluice_exchange,\##n        ),\##n    >,\##n}\##n\##npub const SLUICE_WANTS_REQUEST_\##
        BODY: u32 = 1;\##npub const SLUICE_WANTS_RESPONSE: u32 = 2;\##npub const SLUICE_WANT\##
        S_RESPONSE_BODY: u32 = 4;\##npub const SLUICE_WANTS_TRAILERS: u32 = 8;\##npub const \##
        SLUICE_ROLE_SOURCE: &[u8] = b"sluice.source/0\0";\##npub const SLUICE_IF_ROUTING: &[\##
        u8] = b"sluice.routing/0\0";\##n\##n/// Opaque.\##n#[repr(C)]\##npub struct sluice_t\##
        xn {\##n    _private: [u8; 0],\##n}\##n\##npub const SLUICE_ISSUE_WARNING: i32 = 0;\##
        \##npub const SLUICE_ISSUE_OBJECT: i32 = 1;\##npub const SLUICE_ISSUE_SNAPSHOT: i32 \##
        = 2;\##npub const SLUICE_ISSUE_CLEARED: i32 = 3;\##n\##n#[repr(C)]\##n#[derive(Clone\##
        , Copy)]\##npub struct sluice_issue {\##n    pub size: u32,\##n    pub severity: i32\##
        ,\##n    pub kind: sluice_span,\##n    pub name: sluice_span,\##n    pub code: sluic\##
        e_span,\##n    pub pointer: sluice_span,\##n    pub r#where: sluice_span,\##n    pub\##
         source: sluice_span,\##n    pub text: sluice_span,\##n}\##n\##n#[repr(C)]\##n#[deri\##
        ve(Clone, Copy)]\##npub struct sluice_origin {\##n    pub size: u32,\##n    pub rese\##
        rved: u32,\##n    pub pointer: sluice_span,\##n    pub r#where: sluice_span,\##n    \##
        pub source: sluice_span,\##n}\##n\##n#[repr(C)]\##n#[derive(Clone, Copy)]\##npub str\##
        uct sluice_document {\##n    pub size: u32,\##n    pub reserved: u32,\##n    pub kin\##
        d: sluice_span,\##n    pub name: sluice_span,\##n    pub json: sluice_span,\##n    p\##
        ub r#where: sluice_span,\##n    pub origins: sluice_list,\##n}\##n\##npub const SLUI\##
        CE_TXN_RESYNC: u32 = 1;\##n\##n#[repr(C)]\##n#[derive(Clone, Copy)]\##npub struct sl\##
        uice_routing_api {\##n    pub begin: Option<\##n        unsafe extern "C" fn(\##n   \##
                 this: *const sluice_routing_api,\##n            revision: sluice_span,\##n \##
                   flags: u32,\##n            out: *mut *mut sluice_txn,\##n            err:\##
         *mut sluice_error,\##n        ) -> sluice_status,\##n    >,\##n    pub put: Option<\##
        \##n        unsafe extern "C" fn(\##n            this: *const sluice_routing_api,\##
        \##n            txn: *mut sluice_txn,\##n            document: *const sluice_documen\##
        t,\##n            err: *mut sluice_error,\##n        ) -> sluice_status,\##n    >,\##
        \##n    pub keep: Option<\##n        unsafe extern "C" fn(\##n            this: *con\##
        st sluice_routing_api,\##n            txn: *mut sluice_txn,\##n            kind: slu\##
        ice_span,\##n            name: sluice_span,\##n        ) -> sluice_status,\##n    >,\##
        \##n    pub remove: Option<\##n        unsafe extern "C" fn(\##n            this: *c\##
        onst sluice_routing_api,\##n            txn: *mut sluice_txn,\##n            kind: s\##
        luice_span,\##n            name: sluice_span,\##n        ) -> sluice_status,\##n    \##
        >,\##n    pub note: Option<\##n        unsafe extern "C" fn(\##n            this: *c\##
        onst sluice_routing_api,\##n            txn: *mut sluice_txn,\##n            key: sl\##
        uice_span,\##n            issue: *const sluice_issue,\##n            err: *mut sluic\##
        e_error,\##n        ) -> sluice_status,\##n    >,\##n    pub unnote: Option<\##n    \##
            unsafe extern "C" fn(\##n            this: *const sluice_routing_api,\##n       \##
             txn: *mut sluice_txn,\##n            key: sluice_span,\##n        ) -> sluice_s\##
        tatus,\##n    >,\##n    pub commit: Option<\##n        unsafe extern "C" fn(\##n    \##
                this: *const sluice_routing_api,\##n            txn: *mut sluice_txn,\##n   \##
                 issue: Option<unsafe extern "C" fn(ctx: *mut c_void, issue: *const sluice_i\##
        ssue)>,\##n            committed: Option<\##n                unsafe extern "C" fn(ct\##
        x: *mut c_void, status: sluice_status, generation: u64),\##n            >,\##n      \##
              ctx: *mut c_void,\##n        ) -> sluice_status,\##n    >,\##n    pub abandon:\##
        \##n        Option<unsafe extern "C" fn(this: *const sluice_routing_api, txn: *mut s\##
        luice_txn)>,\##n}\##n\##n#[repr(C)]\##n#[derive(Clone, Copy)]\##npub struct sluice_s\##
        ource_ops {\##n    pub size: u32,\##n    pub required: u32,\##n    pub resync:\##n  \##
              Option<unsafe extern "C" fn(this: *mut c_void, err: *mut sluice_error) -> slui\##
        ce_status>,\##n    pub installed: Option<unsafe extern "C" fn(this: *mut c_void, gen\##
        eration: u64, settled: u32)>,\##n}\##n\##npub const SLUICE_ROLE_ADMIN: &[u8] = b"slu\##
        ice.admin/0\0";\##n\##n/// Opaque.\##n#[repr(C)]\##npub struct sluice_reply {\##n   \##
         _private: [u8; 0],\##n}\##n\##n#[repr(C)]\##n#[derive(Clone, Copy)]\##npub struct s\##
        luice_reply_api {\##n    pub text:\##n        Option<unsafe extern "C" fn(r: *mut sl\##
        uice_reply, key: sluice_span, value: sluice_span)>,\##n    pub number: Option<unsafe\##
         extern "C" fn(r: *mut sluice_reply, key: sluice_span, value: f64)>,\##n    pub inte\##
        ger: Option<unsafe extern "C" fn(r: *mut sluice_reply, key: sluice_span, value: i64)\##
        >,\##n    pub boolean: Option<unsafe extern "C" fn(r: *mut sluice_reply, key: sluice\##
        _span, value: i32)>,\##n    pub json:\##n        Option<unsafe extern "C" fn(r: *mut\##
         sluice_reply, key: sluice_span, value: sluice_span)>,\##n    pub push: Option<unsaf\##
        e extern "C" fn(r: *mut sluice_reply, key: sluice_span, array: i32)>,\##n    pub pop\##
        : Option<unsafe extern "C" fn(r: *mut sluice_reply)>,\##n    pub fail: Option<unsafe\##
         extern "C" fn(r: *mut sluice_reply, message: sluice_span)>,\##n}\##n\##npub const S\##
        LUICE_IF_REPLY: &[u8] = b"sluice.reply/0\0";\##n\##n#[repr(C)]\##n#[derive(Clone, Co\##
        py)]\##npub struct sluice_param {\##n    pub size: u32,\##n    pub optional: u32,\##
        \##n    pub name: sluice_span,\##n    pub doc: sluice_span,\##n    pub fallback: slu\##
        ice_span,\##n}\##n\##npub const SLUICE_OP_READ: i32 = 0;\##npub const SLUICE_OP_WRIT\##
        E: i32 = 1;\##npub const SLUICE_OPERATION_POOL: u32 = 1;\##n\##n#[repr(C)]\##n#[deri\##
        ve(Clone, Copy)]\##npub struct sluice_op {\##n    pub size: u32,\##n    pub access: \##
        i32,\##n    pub name: sluice_span,\##n    pub doc: sluice_span,\##n    pub signature\##
        : *const c_char,\##n    pub params: sluice_list,\##n    pub r#fn: sluice_fn,\##n    \##
        pub flags: u32,\##n    pub reserved: u32,\##n}\##n\##n#[repr(C)]\##n#[derive(Clone, \##
        Copy)]\##npub struct sluice_admin_ops {\##n    pub size: u32,\##n    pub reserved: u\##
        32,\##n    pub operations:\##n        Option<unsafe extern "C" fn(this: *mut c_void,\##
         out: *mut sluice_list) -> sluice_status>,\##n    pub dump:\##n        Option<unsafe\##
         extern "C" fn(this: *mut c_void, out: *mut sluice_reply) -> sluice_status>,\##n}\##
        \##n
        """##
    )
}
