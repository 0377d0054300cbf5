extension SchemaValidator {
    func checkComposition(
        _ value: JSONValue,
        _ rules: CompositionRules,
        _ findings: inout SchemaFindings
    ) {
        if let reference = rules.reference { check(value, against: reference, &findings) }
        for schema in rules.allOf { check(value, against: schema, &findings) }
        if !rules.anyOf.isEmpty { checkForms(value, rules.anyOf, .anyOf, &findings) }
        if !rules.oneOf.isEmpty { checkForms(value, rules.oneOf, .oneOf, &findings) }
        if let not = rules.not, isValid(value, against: not) {
            let form = nodes[not].title ?? forbidden(nodes[not])
            findings.add(.not, value, "\(value.found) is not allowed here: \(form)")
        }
        guard let condition = rules.condition else { return }
        let branch = isValid(value, against: condition) ? rules.then : rules.otherwise
        if let branch { check(value, against: branch, &findings) }
    }

    private func forbidden(_ node: SchemaNode) -> String {
        guard let keys = node.object?.required, !keys.isEmpty else { return "choose another form" }
        return "it must not have " + keys.map(quoted).joined(separator: " with ")
    }

    /// `anyOf` and `oneOf`: reports what is wrong with the form that was most likely meant.
    private func checkForms(
        _ value: JSONValue,
        _ forms: [Int],
        _ keyword: SchemaKeyword,
        _ findings: inout SchemaFindings
    ) {
        var matching: [Int] = []
        var refusals: [SchemaFindings] = []
        for form in forms {
            var inner = SchemaFindings()
            check(value, against: form, &inner)
            if inner.list.isEmpty { matching.append(form) } else { refusals.append(inner) }
            if keyword == .anyOf && !matching.isEmpty { return }
        }
        if matching.count == 1 { return }
        if let keys = singleKeys(forms) {
            let present = keys.filter { value[$0] != nil }.map(quoted)
            let found = present.isEmpty ? "none" : present.joined(separator: " and ")
            let count = keyword == .oneOf ? "exactly" : "at least"
            let wanted = alternatives(keys.map(quoted))
            return findings.add(
                keyword,
                value,
                "expected \(count) one of the keys \(wanted), found \(found)"
            )
        }
        if !matching.isEmpty {
            let names = forms.enumerated().filter { matching.contains($0.element) }
                .map { nodes[$0.element].title ?? "form \($0.offset + 1)" }
            let found = names.joined(separator: " and ")
            return findings.add(
                keyword,
                value,
                "expected exactly one of \(forms.count) forms, found \(found)"
            )
        }
        if let likely = likelyForm(refusals, of: value) { return findings.add(likely) }
        let reasons = refusals.compactMap(\.list.first?.text).joined(separator: "; or ")
        findings.add(keyword, value, "none of \(forms.count) allowed forms: \(reasons)")
    }

    /// The keys when each form does nothing but require one.
    private func singleKeys(_ forms: [Int]) -> [String]? {
        let keys = forms.compactMap { nodes[$0].singleRequiredKey }
        return keys.count == forms.count && Set(keys).count == keys.count ? keys : nil
    }

    /// The refusals of the form whose own shape fits and that is wrong only further down.
    private func likelyForm(_ refusals: [SchemaFindings], of value: JSONValue) -> SchemaFindings? {
        let deeper = refusals.filter { refusal in
            refusal.list.allSatisfy { finding in
                finding.value.index != value.index
                    && !(finding.value.isChild(of: value)
                        && (finding.keyword == .const || finding.keyword == .enum))
            }
        }
        if deeper.count == 1 || refusals.count == 1 { return deeper.first ?? refusals.first }
        return deeper.min { $0.list.count < $1.list.count }
    }
}

extension JSONValue {
    fileprivate func isChild(of other: JSONValue) -> Bool {
        Int(document.tree.nodes[index].parent) == other.index
    }
}
