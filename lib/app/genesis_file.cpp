// Spec: API-5.
#include "app/genesis_file.hpp"

#include <charconv>

#include <nlohmann/json.hpp>

#include <assay/hash/sha256.hpp>

#include "app/files.hpp"

namespace assay::app {

using nlohmann::json;

namespace {

// Reads the fields of one object, and remembers the first that is wrong.
class Fields {
public:
    Fields(const json& object, std::string where) : m_object(object), m_where(std::move(where)) {}

    std::uint64_t number(const char* name, std::optional<std::uint64_t> otherwise = {})
    {
        const auto found = m_object.find(name);
        if (found == m_object.end() && otherwise) return *otherwise;
        if (found == m_object.end()) return complain(name, "is missing: give a whole number"), 0;
        if (found->is_number_unsigned()) return found->get<std::uint64_t>();
        std::uint64_t value = 0;
        if (found->is_string()) {
            const auto& text = found->get_ref<const std::string&>();
            const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
            if (!text.empty() && read.ec == std::errc{} && read.ptr == text.data() + text.size()) return value;
        }
        return complain(name, "is no whole number"), 0;
    }
    std::string text(const char* name)
    {
        const auto found = m_object.find(name);
        if (found != m_object.end() && found->is_string()) return found->get<std::string>();
        return complain(name, "is missing, or no text"), "";
    }
    Digest digest(const char* name)
    {
        const auto read = digest_from_hex(text(name));
        if (!read) complain(name, "is not 64 hexadecimal digits");
        return read.value_or(Digest{});
    }
    void knows_only(std::initializer_list<std::string_view> names)
    {
        for (const auto& [name, value] : m_object.items())
            if (std::find(names.begin(), names.end(), name) == names.end()) complain(name.c_str(), "is no field of a genesis");
    }
    [[nodiscard]] const std::optional<std::string>& complaint() const { return m_complaint; }

private:
    void complain(const char* name, const char* what)
    {
        if (!m_complaint) m_complaint = m_where + name + " " + what;
    }

    const json& m_object;
    std::string m_where;
    std::optional<std::string> m_complaint;
};

} // namespace

Result<node::Genesis> read_genesis(const std::string& path)
{
    ASSAY_TRY_ASSIGN(const Bytes content, read_file(path));
    return parse_genesis({content.begin(), content.end()}, path);
}

Result<node::Genesis> parse_genesis(const std::string& content, const std::string& path)
{
    const auto wrong = [&](const std::string& why) { return failure(Error::invalid_input, path + ": " + why); };
    const json file = json::parse(content, nullptr, false);
    if (!file.is_object()) return wrong("is no JSON object");
    Fields fields{file, ""};
    fields.knows_only({"name", "tick_milliseconds", "fee", "kibibyte_fee", "account_minimum", "verifier_minimum", "unbonding_ticks", "beacon", "accounts"});
    node::Genesis genesis;
    genesis.rules.network = hash::tagged_digest("assay.network-name", fields.text("name"));
    genesis.tick_milliseconds = static_cast<std::uint32_t>(std::min<std::uint64_t>(fields.number("tick_milliseconds", 1000), 86'400'000));
    if (genesis.tick_milliseconds == 0) return wrong("tick_milliseconds is 0: a tick lasts at least a millisecond");
    genesis.rules.fee = {fields.number("fee")};
    genesis.rules.kibibyte_fee = {fields.number("kibibyte_fee", 0)};
    genesis.rules.account_minimum = {fields.number("account_minimum")};
    genesis.rules.verifier_minimum = {fields.number("verifier_minimum")};
    genesis.rules.unbonding = Tick{fields.number("unbonding_ticks")};
    genesis.rules.beacon.bytes = fields.digest("beacon").bytes;
    if (fields.complaint()) return wrong(*fields.complaint());
    const auto accounts = file.find("accounts");
    if (accounts == file.end() || !accounts->is_array() || accounts->empty())
        return wrong("accounts is missing or empty: list at least one {\"id\", \"amount\"}, or nobody can ever pay for anything");
    for (std::size_t i = 0; i < accounts->size(); ++i) {
        const json& one = (*accounts)[i];
        const std::string where = "accounts[" + std::to_string(i) + "].";
        if (!one.is_object()) return wrong(where + " is no object");
        Fields account{one, where};
        account.knows_only({"id", "amount"});
        genesis.allocations.push_back({account.digest("id"), {account.number("amount")}});
        if (account.complaint()) return wrong(*account.complaint());
    }
    if (const auto chain = node::begin_chain(genesis); !chain) return wrong(chain.failure().message());
    return genesis;
}

} // namespace assay::app
