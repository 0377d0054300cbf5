// Alone because: `make templates` writes it.

extension TemplateFile {
    /// `Plugins/Examples/swift/Makefile`.
    // swift-format-ignore
    static let swiftMakefile = TemplateFile(
        path: "Makefile",
        text: ##"""
        # Needs a Swift 6.3 toolchain, and the header and the kit of an installed Sluice: pk\##
        g-config must\##n# find sluice.pc. The kit of a checkout will do too: make SLUICE=/p\##
        ath/to/sluice\##nSLUICE ?= $(shell pkg-config --variable=kitdir sluice)\##nSHARED :=\##
         $(SLUICE)/Sources/Shared\##n\##nlibgreeter.so: Package.swift plugin.map $(wildcard \##
        Sources/Greeter/*) Sources/SluiceKit\##n\##tswift build -c release\##n\##tcp .build/\##
        release/$@ $@\##n\##n# The kit, with the modules that it is built on.\##nSources/Slu\##
        iceKit:\##n\##tmkdir -p Sources/SluiceShared\##n\##tcp -R $(SHARED)/JSON $(SHARED)/N\##
        earest.swift $(SHARED)/Redacted.swift Sources/SluiceShared\##n\##tcp -R $(SHARED)/CC\##
        rypto $(SHARED)/CProcess Sources\##n\##tcp -R $(SLUICE)/Plugins/Kit $@\##n\##n.PHONY\##
        : test clean\##ntest: libgreeter.so\##n\##tsluice plugin inspect ./libgreeter.so\##n\##
        \##nclean:\##n\##trm -rf .build Sources/SluiceKit Sources/SluiceShared Sources/CCryp\##
        to Sources/CProcess\##n\##trm -f libgreeter.so\##n
        """##
    )
}
