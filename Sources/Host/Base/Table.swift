/// A fixed number of elements in one allocation: bounds-checked, never grown, no ARC.
///
/// The subscript is a pointer access, so a `Table` inside a struct is read and written without
/// copying and without exclusivity checks. Elements are trivial (`BitwiseCopyable`).
@safe
public struct Table<Element: BitwiseCopyable>: ~Copyable, @unchecked Sendable {
    @usableFromInline let start: UnsafeMutablePointer<Element>
    public let count: Int
    private let isMapped: Bool

    /// Reserves `count` elements of zero bytes, which cost nothing until they are written.
    ///
    /// Stops the process when the address space is not to be had.
    public init(zeroed count: Int) {
        unsafe start = ZeroedPages.map(count)
        self.count = count
        isMapped = true
    }

    /// Allocates `count` elements, each equal to `value`.
    public init(repeating value: Element, count: Int) {
        precondition(count >= 0, "a table cannot have a negative size")
        unsafe start = UnsafeMutablePointer<Element>.allocate(capacity: max(1, count))
        unsafe start.initialize(repeating: value, count: count)
        self.count = count
        isMapped = false
    }

    /// Copies the elements of `array`.
    public init(_ array: [Element]) {
        unsafe start = UnsafeMutablePointer<Element>.allocate(capacity: max(1, array.count))
        count = array.count
        for index in 0..<array.count {
            unsafe (start + index).initialize(to: array[index])
        }
        isMapped = false
    }

    deinit {
        if isMapped { unsafe ZeroedPages.unmap(start, count) } else { unsafe start.deallocate() }
    }

    @inlinable
    public subscript(index: Int) -> Element {
        @inline(__always) unsafeAddress {
            precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "table index")
            return unsafe UnsafePointer(start + index)
        }
        @inline(__always) nonmutating unsafeMutableAddress {
            precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "table index")
            return unsafe start + index
        }
    }

    /// A borrowed view for readers that do not own the table; valid while the table lives.
    @inlinable
    public var view: TableView<Element> { unsafe TableView(start: start, count: count) }
}

extension Table where Element == UInt8 {
    /// A borrowed view of `length` bytes from `offset`; valid while the table lives.
    @inlinable
    public func bytes(_ offset: Int, _ length: Int) -> Bytes {
        unsafe Bytes(start: start, count: count).slice(offset, length)
    }

    /// A writer over the bytes from `offset` to the end; valid while the table lives.
    @inlinable
    public func writer(from offset: Int = 0) -> ByteWriter {
        precondition(offset >= 0 && offset <= count, "table range")
        return unsafe ByteWriter(start: start + offset, capacity: count - offset)
    }
}

/// A borrowed, read-only, bounds-checked view of a `Table`; trivially copied.
@safe
public struct TableView<Element: BitwiseCopyable>: @unchecked Sendable, BitwiseCopyable {
    @usableFromInline let start: UnsafePointer<Element>
    public let count: Int

    /// A view of `count` elements at `start`; valid while that memory lives and is not changed.
    @inlinable
    public init(start: UnsafePointer<Element>, count: Int) {
        precondition(count >= 0, "a view cannot have a negative size")
        unsafe self.start = start
        self.count = count
    }

    /// The first `length` elements.
    @inlinable
    public func prefix(_ length: Int) -> TableView {
        precondition(UInt(bitPattern: length) <= UInt(bitPattern: count), "table range")
        return unsafe TableView(start: start, count: length)
    }

    @inlinable
    public subscript(index: Int) -> Element {
        @inline(__always) unsafeAddress {
            precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "table index")
            return unsafe start + index
        }
    }
}

extension TableView where Element == UInt8 {
    /// A borrowed view of `length` bytes from `offset`; valid while the table lives.
    @inlinable
    public func bytes(_ offset: Int, _ length: Int) -> Bytes {
        unsafe Bytes(start: start, count: count).slice(offset, length)
    }
}
