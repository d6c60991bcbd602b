# `make package`: a .deb of the programs of a release build, with unit, man page and shell completion (deploy/README.md).
set(deploy ${CMAKE_SOURCE_DIR}/deploy)
set(package_pages ${CMAKE_BINARY_DIR}/package)
file(MAKE_DIRECTORY ${package_pages})
find_program(SLUICE_GZIP gzip REQUIRED)
find_program(SLUICE_STRIP llvm-strip-19 REQUIRED)
set(package_files)
foreach(program IN ITEMS vtgate vttablet vtctld mysqlctld)
    add_custom_command(OUTPUT ${package_pages}/${program}.1.gz
        COMMAND ${SLUICE_PYTHON} -B ${deploy}/pages.py man $<TARGET_FILE:${program}> ${package_pages}/${program}.1
        COMMAND ${SLUICE_GZIP} --best --no-name --force ${package_pages}/${program}.1
        DEPENDS ${program} ${deploy}/pages.py VERBATIM)
    add_custom_command(OUTPUT ${package_pages}/${program}
        COMMAND ${SLUICE_PYTHON} -B ${deploy}/pages.py completion $<TARGET_FILE:${program}> ${package_pages}/${program}
        DEPENDS ${program} ${deploy}/pages.py VERBATIM)
    list(APPEND package_files ${package_pages}/${program}.1.gz ${package_pages}/${program})
    install(FILES ${package_pages}/${program}.1.gz DESTINATION share/man/man1)
    install(FILES ${package_pages}/${program} DESTINATION share/bash-completion/completions)
endforeach()
add_custom_target(package_files DEPENDS ${package_files})
add_dependencies(package_files programs)

install(TARGETS vtgate vttablet mysqlctl_program mysqlctld vtctld vtctldclient topoctl DESTINATION bin)
install(FILES ${deploy}/systemd/vtgate.service ${deploy}/systemd/vttablet@.service ${deploy}/systemd/mysqlctld@.service
    DESTINATION lib/systemd/system)
install(FILES ${deploy}/systemd/vtgate.env DESTINATION /etc/sluice)
install(FILES ${CMAKE_SOURCE_DIR}/LICENSE DESTINATION share/doc/sluice RENAME copyright)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME sluice)
# What tools ask for is Vitess's version; ours stands behind it.
set(CPACK_PACKAGE_VERSION 21.0.3+sluice1)
set(CPACK_PACKAGE_CONTACT "The Sluice maintainers <sluice@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "sharding gateway for MySQL, a stand-in for Vitess's vtgate, vttablet and vtctld")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CMAKE_STRIP ${SLUICE_STRIP} CACHE FILEPATH "strips what is packaged" FORCE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION database)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS passwd)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
    ${deploy}/deb/postinst ${deploy}/deb/prerm ${deploy}/deb/postrm ${deploy}/deb/conffiles)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_OUTPUT_FILE_PREFIX ${CMAKE_BINARY_DIR})
include(CPack)
