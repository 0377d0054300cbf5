// Alone because: `make templates` writes it.

extension TemplateFile {
    /// `Plugins/Examples/rust/Makefile`.
    // swift-format-ignore
    static let rustMakefile = TemplateFile(
        path: "Makefile",
        text: ##"""
        # Needs rustc alone, 1.63 or later. What sluice.h says is written out in sluice/.\##
        \##nlibgreeter.so: greeter.rs $(wildcard sluice/*.rs)\##n\##trustc --edition 2021 --\##
        crate-type cdylib -O -o $@ greeter.rs\##n\##n.PHONY: test clean\##ntest: libgreeter.\##
        so\##n\##tsluice plugin inspect ./libgreeter.so\##n\##nclean:\##n\##trm -f libgreete\##
        r.so\##n
        """##
    )
}
