internal import SluiceABI
internal import SluiceBase

/// `sluice.metrics/1`, BOUND: series that plugins update in place.
enum MetricsTable {
    private typealias Context = UnsafeMutableRawPointer?
    private typealias Definition = UnsafePointer<sluice_metric_def>?
    private typealias Number = UnsafeMutablePointer<UInt32>?
    private typealias Values = UnsafePointer<sluice_span>?
    private typealias Out = UnsafeMutablePointer<UnsafeMutablePointer<sluice_cell>?>?
    private typealias Define = @convention(c) (Definition, Number) -> sluice_status
    private typealias Find = @convention(c) (UInt32, Values, Int, Out) -> sluice_status
    private typealias Observe = @convention(c) (UnsafeMutablePointer<sluice_cell>?, Double) -> Void

    static func make(_ bridge: Bridge) -> sluice_metrics_api {
        unsafe sluice_metrics_api(
            define: bridge.mint("i(pp)", define, as: Define.self),
            cell: bridge.mint("i(upUp)", cell, as: Find.self),
            observe: bridge.mint("v(pd)", observe, as: Observe.self)
        )
    }

    private static let define: @convention(c) (Context, Definition, Number) -> sluice_status = {
        context,
        definition,
        number in
        guard let instance = unsafe context.instance, let definition = unsafe definition,
            let number = unsafe number
        else { return SLUICE_E_INVALID }
        guard instance.lane.isCurrent else { return SLUICE_E_THREAD }
        let wanted = unsafe definition.sized(empty: sluice_metric_def())
        switch unsafe instance.metrics.define(wanted) {
        case .success(let id):
            unsafe number.pointee = id
            return SLUICE_OK
        case .failure(let refusal):
            return refusal.status
        }
    }

    private static let cell: @convention(c) (Context, UInt32, Values, Int, Out) -> sluice_status =
        { context, id, values, count, out in
            guard let instance = unsafe context.instance, let out = unsafe out else {
                return SLUICE_E_INVALID
            }
            var labels: [String] = []
            for index in 0..<count {
                guard let values = unsafe values else { return SLUICE_E_INVALID }
                labels.append(unsafe values[index].text)
            }
            switch instance.metrics.series(id, labels) {
            case .success(let series):
                unsafe out.pointee = series.cell
                return SLUICE_OK
            case .failure(let refusal):
                return refusal.status
            }
        }

    private static let observe:
        @convention(c) (Context, UnsafeMutablePointer<sluice_cell>?, Double) -> Void = {
            context,
            cell,
            value in
            guard let cell = unsafe cell else { return }
            unsafe context.instance?.metrics.observe(cell, value)
        }
}
