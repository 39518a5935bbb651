# Writes a C++ file that holds FILES: cmake -DFILES=A;B -DOUTPUT=FILE -P embed.cmake
set(arrays "")
set(entries "")
set(number 0)
foreach(file ${FILES})
    get_filename_component(name ${file} NAME)
    file(READ ${file} content HEX)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${content}")
    string(APPEND arrays "constexpr unsigned char file_${number}[] = {${bytes}};\n")
    string(APPEND entries "    {\"${name}\", {reinterpret_cast<const char*>(file_${number}), sizeof file_${number}}},\n")
    math(EXPR number "${number} + 1")
endforeach()
file(WRITE ${OUTPUT} "#include \"app/window.hpp\"\n\nnamespace assay::app {\n\nnamespace {\n\n${arrays}\n} // namespace\n\n"
    "const std::vector<WindowFile>& window_files()\n{\n    static const std::vector<WindowFile> files{\n${entries}    };\n    return files;\n}\n\n} // namespace assay::app\n")
