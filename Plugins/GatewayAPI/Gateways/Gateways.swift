internal import SluiceShared

extension Draft {
    /// Finds out which classes are ours, and says so on their objects.
    mutating func translateClasses() {
        let given = index.all(Kind.gatewayClass)
        if !given.contains(where: { $0.key.name == Controller.builtInClass }) {
            classes.insert(Controller.builtInClass)
        }
        for object in given where object.spec.text("controllerName") == Controller.name {
            var status = ObjectStatus(object)
            if let parameters = object.spec.present("parametersRef") {
                let text = "this controller takes no parameters; remove parametersRef"
                report(.object, object, at: parameters, "InvalidParameters", text)
                status.conditions = [Condition("Accepted", .no, "InvalidParameters", text)]
            } else {
                classes.insert(object.key.name)
                status.conditions = [Condition("Accepted", .yes, "Accepted")]
            }
            result.statuses[object.key] = status
        }
    }

    /// Judges one Gateway and its listeners; Gateways of other controllers are left alone.
    mutating func translateGateway(_ object: ManifestObject) {
        let name = object.spec.text("gatewayClassName") ?? ""
        guard classes.contains(name) else { return reportForeign(object, name) }
        var gateway = GatewayDraft(object: object, status: ObjectStatus(object))
        gateway.listeners = object.spec.list("listeners").enumerated().map { place, listener in
            ListenerDraft(listener, at: place)
        }
        let refusal = refusal(of: object)
        judge(&gateway)
        presentCertificate(&gateway)
        for place in gateway.listeners.indices where refusal == nil {
            publish(&gateway.listeners[place], object)
        }
        gateway.status.conditions = gateway.conditions(refusal)
        gateways[object.key.path] = gateway
    }

    /// Finds the certificate that the Gateway presents to backends that it speaks TLS to.
    private mutating func presentCertificate(_ gateway: inout GatewayDraft) {
        let object = gateway.object
        guard let reference = object.spec["tls"]?["backend"]?.present("clientCertificateRef")
        else { return }
        switch certificate(reference, for: object, invalid: "InvalidClientCertificateRef") {
        case .found(let name): gateway.clientCertificate = .document(name)
        case .failed(let refusal):
            gateway.clientCertificate = .unresolved
            gateway.unresolved = refusal
            report(.object, object, at: reference, refusal.reason, refusal.text)
        }
    }

    /// A class that nobody names is most likely misspelt; one of another controller is not ours.
    private mutating func reportForeign(_ object: ManifestObject, _ name: String) {
        guard index.object(Kind.gatewayClass, name) == nil,
            let place = object.spec["gatewayClassName"]
        else { return }
        var text = "there is no GatewayClass \(quoted(name)), so nobody serves this Gateway"
        if let near = nearest(name, among: classes.sorted()) {
            text += "; did you mean \(quoted(near))?"
        }
        report(.warning, object, at: place, "unknown-class", text)
    }

    /// Why nothing of the Gateway can be served.
    private mutating func refusal(of object: ManifestObject) -> Refusal? {
        if let parameters = object.spec["infrastructure"]?.present("parametersRef") {
            let text = "this controller takes no parameters; remove parametersRef"
            report(.object, object, at: parameters, "InvalidParameters", text)
            return Refusal("InvalidParameters", text)
        }
        for address in object.spec.list("addresses") {
            let type = address.text("type") ?? "IPAddress"
            let value = address.text("value") ?? ""
            if type == "IPAddress", value.isEmpty || isAddress(value) { continue }
            let text = "expected an address of type IPAddress, found \(type) \(quoted(value))"
            report(.object, object, at: address, "UnsupportedAddress", text)
            return Refusal("UnsupportedAddress", text)
        }
        return nil
    }

    /// Writes the status of the Gateways, when all routes have been attached.
    mutating func finishGateways() {
        for gateway in gateways.values {
            var status = gateway.status
            status.listeners = gateway.listeners.map(\.status)
            result.statuses[status.key] = status
        }
    }
}
