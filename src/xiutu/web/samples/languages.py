"""The languages, the file a program is kept in and how it is run."""

from dataclasses import dataclass

__all__ = ["DIRECT", "LANGUAGES", "SDK", "Language"]


@dataclass(frozen=True)
class Language:
    """``run`` takes the file as it is named; ``needs`` is what must be installed."""

    id: str
    name: str
    file: str
    run: str
    needs: str


DIRECT = {
    row.id: row
    for row in (
        Language("curl", "curl", "call.sh", "bash call.sh", "bash, curl, openssl"),
        Language("python", "Python", "call.py", "python3 call.py", "Python 3.8"),
        Language("java", "Java", "Call.java", "java Call.java", "JDK 11"),
        Language("php", "PHP", "call.php", "php call.php", "PHP 7.4"),
        Language("csharp", "C#", "Call.cs", "dotnet run", ".NET 6, .NET Framework 4.7 or Mono"),
        Language(
            "cpp",
            "C++",
            "call.cpp",
            "g++ -std=c++17 call.cpp -lcurl -lcrypto -o call && ./call",
            "libcurl, OpenSSL",
        ),
        Language("node", "Node.js", "call.mjs", "node call.mjs", "Node.js 18"),
    )
}
"""Programs that need nothing of the vendors."""

SDK = {
    "baidu": {
        row.id: row
        for row in (
            Language(
                "python", "Python", "call.py", "python3 call.py", "pip install baidu-aip chardet"
            ),
            Language("java", "Java", "Call.java", "javac, java", "Maven: com.baidu.aip:java-sdk"),
            Language("php", "PHP", "call.php", "php call.php", "aip-php-sdk"),
            Language("csharp", "C#", "Call.cs", "dotnet run", "NuGet: Baidu.AI"),
            Language("cpp", "C++", "call.cpp", "g++", "aip-cpp-sdk, libcurl, OpenSSL, jsoncpp"),
            Language("node", "Node.js", "call.js", "node call.js", "npm install baidu-aip-sdk"),
        )
    },
    "tencent": {
        row.id: row
        for row in (
            Language(
                "python",
                "Python",
                "call.py",
                "python3 call.py",
                "pip install tencentcloud-sdk-python-aiart",
            ),
            Language(
                "java",
                "Java",
                "Call.java",
                "javac, java",
                "Maven: com.tencentcloudapi:tencentcloud-sdk-java",
            ),
            Language(
                "php", "PHP", "call.php", "php call.php", "composer require tencentcloud/aiart"
            ),
            Language("csharp", "C#", "Call.cs", "dotnet run", "NuGet: TencentCloudSDK.Aiart"),
            Language("cpp", "C++", "call.cpp", "g++", "tencentcloud-sdk-cpp (core, aiart)"),
            Language(
                "node", "Node.js", "call.js", "node call.js", "npm install tencentcloud-sdk-nodejs"
            ),
        )
    },
}
"""Programs that use the vendor's SDK as it is."""

LANGUAGES = tuple(DIRECT)
