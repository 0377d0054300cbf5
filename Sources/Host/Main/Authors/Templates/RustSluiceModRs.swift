// Alone because: `make templates` writes it.

extension TemplateFile {
    /// `Plugins/Examples/rust/sluice/mod.rs`.
    // swift-format-ignore
    static let rustSluiceModRs = TemplateFile(
        path: "sluice/mod.rs",
        text: ##"""
        //! sluice.h revision 1 for Rust, written out by hand: types, tables and constants u\##
        nder their C\##n//! names. What they mean, and who may call what, is said in sluice.\##
        h; a test of Sluice holds each\##n//! size, offset and number here against it. It ne\##
        eds no crate, and Rust 1.63 or later.\##n#![allow(non_camel_case_types, dead_code)]\##
        \##n\##nmod exchange;\##nmod host;\##nmod roles;\##n\##npub use exchange::*;\##npub \##
        use host::*;\##npub use roles::*;\##nuse std::ffi::c_void;\##nuse std::mem::size_of;\##
        \##nuse std::os::raw::c_char;\##n\##npub const SLUICE_ABI_MAJOR: u16 = 1;\##npub con\##
        st SLUICE_ABI_MINOR: u16 = 0;\##npub const SLUICE_MAGIC: u32 = 0x31554C53;\##npub co\##
        nst SLUICE_ENTRY_SYMBOL: &[u8] = b"sluice_plugin_entry\0";\##npub type sluice_status\##
         = i32;\##npub const SLUICE_OK: sluice_status = 0;\##npub const SLUICE_PENDING: slui\##
        ce_status = 1;\##npub const SLUICE_DECLINED: sluice_status = 2;\##npub const SLUICE_\##
        E_INVALID: sluice_status = -1;\##npub const SLUICE_E_UNSUPPORTED: sluice_status = -2\##
        ;\##npub const SLUICE_E_GONE: sluice_status = -3;\##npub const SLUICE_E_AGAIN: sluic\##
        e_status = -4;\##npub const SLUICE_E_LIMIT: sluice_status = -5;\##npub const SLUICE_\##
        E_DENIED: sluice_status = -6;\##npub const SLUICE_E_THREAD: sluice_status = -7;\##np\##
        ub const SLUICE_E_STATE: sluice_status = -8;\##npub const SLUICE_E_TIMEOUT: sluice_s\##
        tatus = -9;\##npub const SLUICE_E_IO: sluice_status = -10;\##npub const SLUICE_E_EXI\##
        STS: sluice_status = -11;\##npub const SLUICE_E_NOTFOUND: sluice_status = -12;\##npu\##
        b const SLUICE_E_NOMEM: sluice_status = -13;\##npub const SLUICE_E_CANCELED: sluice_\##
        status = -14;\##npub const SLUICE_E_TYPE: sluice_status = -15;\##npub const SLUICE_E\##
        _INTERNAL: sluice_status = -16;\##npub const SLUICE_E_BUSY: sluice_status = -17;\##n\##
        \##n#[repr(C)]\##n#[derive(Clone, Copy)]\##npub struct sluice_span {\##n    pub data\##
        : *const u8,\##n    pub len: usize,\##n}\##n\##n/// Opaque.\##n#[repr(C)]\##npub str\##
        uct sluice_buf {\##n    _private: [u8; 0],\##n}\##n\##n#[repr(C)]\##n#[derive(Clone,\##
         Copy)]\##npub struct sluice_chunk {\##n    pub bytes: sluice_span,\##n    pub owner\##
        : *mut sluice_buf,\##n}\##n\##n#[repr(C)]\##n#[derive(Clone, Copy)]\##npub struct sl\##
        uice_header {\##n    pub name: sluice_span,\##n    pub value: sluice_span,\##n    pu\##
        b flags: u32,\##n    pub reserved: u32,\##n}\##n\##npub const SLUICE_HEADER_SENSITIV\##
        E: u32 = 1;\##n\##n#[repr(C)]\##n#[derive(Clone, Copy)]\##npub struct sluice_headers\##
         {\##n    pub items: *const sluice_header,\##n    pub count: usize,\##n}\##n\##n#[re\##
        pr(C)]\##n#[derive(Clone, Copy)]\##npub struct sluice_list {\##n    pub items: *cons\##
        t c_void,\##n    pub count: u32,\##n    pub stride: u32,\##n}\##n\##npub const SLUIC\##
        E_ERROR_PATH_MAX: usize = 112;\##npub const SLUICE_ERROR_TEXT_MAX: usize = 384;\##n\##
        \##n#[repr(C)]\##n#[derive(Clone, Copy)]\##npub struct sluice_error {\##n    pub siz\##
        e: u32,\##n    pub code: sluice_status,\##n    pub path_len: u32,\##n    pub text_le\##
        n: u32,\##n    pub path: [c_char; SLUICE_ERROR_PATH_MAX],\##n    pub text: [c_char; \##
        SLUICE_ERROR_TEXT_MAX],\##n}\##n\##n#[repr(C)]\##n#[derive(Clone, Copy)]\##npub stru\##
        ct sluice_field {\##n    pub key: sluice_span,\##n    pub value: sluice_span,\##n}\##
        \##n\##npub type sluice_task = Option<unsafe extern "C" fn(ctx: *mut c_void, why: sl\##
        uice_status)>;\##npub type sluice_work = Option<unsafe extern "C" fn(ctx: *mut c_voi\##
        d)>;\##npub type sluice_release = Option<unsafe extern "C" fn(ctx: *mut c_void)>;\##
        \##npub type sluice_ready = Option<unsafe extern "C" fn(ctx: *mut c_void, fd: i32, r\##
        events: u32)>;\##npub type sluice_fn = Option<unsafe extern "C" fn()>;\##npub const \##
        SLUICE_ON_LANE: i32 = 0;\##npub const SLUICE_ON_POOL: i32 = 1;\##npub const SLUICE_O\##
        N_WORKER: i32 = 2;\##npub const SLUICE_ON_OTHER: i32 = 3;\##npub type sluice_rid = u\##
        64;\##npub type sluice_cid = u64;\##npub type sluice_tid = u64;\##npub const SLUICE_\##
        NO_ID: u64 = 0;\##npub const SLUICE_NEVER: u64 = u64::MAX;\##n\##n#[repr(C)]\##n#[de\##
        rive(Clone, Copy)]\##npub struct sluice_stamp {\##n    pub magic: u32,\##n    pub ab\##
        i_major: u16,\##n    pub abi_minor: u16,\##n    pub pointer_bits: u8,\##n    pub lit\##
        tle_endian: u8,\##n    pub sz_span: u16,\##n    pub sz_chunk: u16,\##n    pub sz_hea\##
        der: u16,\##n    pub sz_list: u16,\##n    pub sz_error: u16,\##n}\##n\##n#[repr(C)]\##
        \##n#[derive(Clone, Copy)]\##npub struct sluice_hello {\##n    pub size: u32,\##n   \##
         pub stamp: sluice_stamp,\##n    pub host_name: sluice_span,\##n    pub host_version\##
        : sluice_span,\##n}\##n\##n#[repr(C)]\##n#[derive(Clone, Copy)]\##npub struct sluice\##
        _plugin_desc {\##n    pub size: u32,\##n    pub flags: u32,\##n    pub stamp: sluice\##
        _stamp,\##n    pub needs_minor: u16,\##n    pub reserved: u16,\##n    pub id: sluice\##
        _span,\##n    pub version: sluice_span,\##n    pub summary: sluice_span,\##n    pub \##
        config_schema: sluice_span,\##n    pub route_schema: sluice_span,\##n    pub require\##
        s_ids: sluice_list,\##n    pub ops: *const sluice_plugin_ops,\##n}\##n\##npub const \##
        SLUICE_PLUGIN_SINGLETON: u32 = 2;\##npub const SLUICE_PLUGIN_SWIFT: u32 = 4;\##npub \##
        const SLUICE_PLUGIN_GO: u32 = 8;\##npub type sluice_entry_fn = Option<\##n    unsafe\##
         extern "C" fn(\##n        hello: *const sluice_hello,\##n        err: *mut sluice_e\##
        rror,\##n    ) -> *const sluice_plugin_desc,\##n>;\##n\##n#[repr(C)]\##n#[derive(Clo\##
        ne, Copy)]\##npub struct sluice_host {\##n    pub size: u32,\##n    pub abi_major: u\##
        16,\##n    pub abi_minor: u16,\##n    pub find:\##n        Option<unsafe extern "C" \##
        fn(this: *const sluice_host, id: *const c_char) -> *const c_void>,\##n}\##n\##n#[rep\##
        r(C)]\##n#[derive(Clone, Copy)]\##npub struct sluice_instance {\##n    pub size: u32\##
        ,\##n    pub workers: u32,\##n    pub name: sluice_span,\##n    pub config: sluice_s\##
        pan,\##n    pub state_dir: sluice_span,\##n    pub check_only: u32,\##n    pub resta\##
        rts: u32,\##n    pub config_dir: sluice_span,\##n}\##n\##npub const SLUICE_TRAIT_EXC\##
        LUSIVE: u32 = 1;\##n\##n#[repr(C)]\##n#[derive(Clone, Copy)]\##npub struct sluice_pl\##
        ugin_ops {\##n    pub size: u32,\##n    pub reserved: u32,\##n    pub check_config:\##
        \##n        Option<unsafe extern "C" fn(json: sluice_span, err: *mut sluice_error) -\##
        > sluice_status>,\##n    pub create: Option<\##n        unsafe extern "C" fn(\##n   \##
                 host: *const sluice_host,\##n            inst: *const sluice_instance,\##n \##
                   this: *mut *mut c_void,\##n            err: *mut sluice_error,\##n       \##
         ) -> sluice_status,\##n    >,\##n    pub traits: Option<unsafe extern "C" fn(this: \##
        *mut c_void) -> u32>,\##n    pub role:\##n        Option<unsafe extern "C" fn(this: \##
        *mut c_void, role_id: *const c_char) -> *const c_void>,\##n    pub start:\##n       \##
         Option<unsafe extern "C" fn(this: *mut c_void, err: *mut sluice_error) -> sluice_st\##
        atus>,\##n    pub reconfigure: Option<\##n        unsafe extern "C" fn(\##n         \##
           this: *mut c_void,\##n            json: sluice_span,\##n            err: *mut slu\##
        ice_error,\##n        ) -> sluice_status,\##n    >,\##n    pub drain: Option<unsafe \##
        extern "C" fn(this: *mut c_void, deadline_ns: u64) -> sluice_status>,\##n    pub sto\##
        p: Option<unsafe extern "C" fn(this: *mut c_void, deadline_ns: u64) -> sluice_status\##
        >,\##n    pub destroy: Option<unsafe extern "C" fn(this: *mut c_void)>,\##n}\##n\##n\##
        // What follows is the header's section 7, in Rust.\##n\##n/// The stamp of this mir\##
        ror.\##npub const STAMP: sluice_stamp = sluice_stamp {\##n    magic: SLUICE_MAGIC,\##
        \##n    abi_major: SLUICE_ABI_MAJOR,\##n    abi_minor: SLUICE_ABI_MINOR,\##n    poin\##
        ter_bits: usize::BITS as u8,\##n    little_endian: cfg!(target_endian = "little") as\##
         u8,\##n    sz_span: size_of::<sluice_span>() as u16,\##n    sz_chunk: size_of::<slu\##
        ice_chunk>() as u16,\##n    sz_header: size_of::<sluice_header>() as u16,\##n    sz_\##
        list: size_of::<sluice_list>() as u16,\##n    sz_error: size_of::<sluice_error>() as\##
         u16,\##n};\##n\##nimpl sluice_span {\##n    /// Nothing, which is not the same as a\##
        n empty text.\##n    pub const ABSENT: sluice_span = sluice_span { data: std::ptr::n\##
        ull(), len: 0 };\##n\##n    /// Borrows `bytes`: the span is valid as long as they a\##
        re.\##n    pub const fn of(bytes: &[u8]) -> sluice_span {\##n        sluice_span { d\##
        ata: bytes.as_ptr(), len: bytes.len() }\##n    }\##n\##n    /// Borrows `text`.\##n \##
           pub const fn text(text: &str) -> sluice_span {\##n        sluice_span::of(text.as\##
        _bytes())\##n    }\##n\##n    /// Borrows an id of this mirror, without the NUL at i\##
        ts end.\##n    pub const fn id(id: &'static [u8]) -> sluice_span {\##n        sluice\##
        _span { data: id.as_ptr(), len: id.len() - 1 }\##n    }\##n\##n    /// The bytes; em\##
        pty when absent.\##n    ///\##n    /// # Safety\##n    /// The bytes are there as lo\##
        ng as the answer is used.\##n    pub unsafe fn bytes<'a>(self) -> &'a [u8] {\##n    \##
            match self.data.is_null() {\##n            true => &[],\##n            false => \##
        std::slice::from_raw_parts(self.data, self.len),\##n        }\##n    }\##n}\##n\##ni\##
        mpl sluice_list {\##n    /// Borrows `items`: the list is valid as long as they are.\##
        \##n    pub const fn of<T>(items: &[T]) -> sluice_list {\##n        sluice_list {\##
        \##n            items: items.as_ptr() as *const c_void,\##n            count: items.\##
        len() as u32,\##n            stride: size_of::<T>() as u32,\##n        }\##n    }\##
        \##n}\##n\##n/// A struct of the header in which everything is zero, absent or null:\##
         its default.\##n///\##n/// # Safety\##n/// `T` is a struct of the header.\##npub un\##
        safe fn zeroed<T>() -> T {\##n    std::mem::zeroed()\##n}\##n\##n/// Fills `err`, wh\##
        ere there is one, and returns `code`. What does not fit is cut.\##n///\##n/// # Safe\##
        ty\##n/// `err` is null or points to a `sluice_error` of the host.\##npub unsafe fn \##
        sluice_fail(\##n    err: *mut sluice_error,\##n    code: sluice_status,\##n    text:\##
         &str,\##n) -> sluice_status {\##n    if err.is_null() || ((*err).size as usize) < s\##
        ize_of::<sluice_error>() {\##n        return code;\##n    }\##n    let mut length = \##
        text.len().min(SLUICE_ERROR_TEXT_MAX);\##n    while !text.is_char_boundary(length) {\##
        \##n        length -= 1;\##n    }\##n    (*err).code = code;\##n    (*err).path_len \##
        = 0;\##n    (*err).text_len = length as u32;\##n    for (place, byte) in (*err).text\##
        .iter_mut().zip(&text.as_bytes()[..length]) {\##n        *place = *byte as c_char;\##
        \##n    }\##n    code\##n}\##n
        """##
    )
}
