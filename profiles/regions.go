package profiles

import (
	"maps"
	"slices"
	"strings"
)

// RegionName is the name of a region for people, "EU (Ireland)" for eu-west-1; "" when the profile's provider has none
// that we know. The same code means different places with different providers.
func (p Profile) RegionName(code string) string {
	host := "." + strings.ToLower(p.DefaultHostname)
	if strings.HasSuffix(host, ".amazonaws.com") || strings.HasSuffix(host, ".amazonaws.com.cn") || p.Vendor == "pintail-amazon-privatelink" {
		return AmazonRegionName(code)
	}
	provider, ours := strings.CutPrefix(p.Vendor, "pintail-")
	if !ours {
		return ""
	}
	if provider == "alibaba-oss" {
		code = strings.TrimPrefix(code, "oss-")
	}
	return providerRegions[provider][code]
}

// AmazonRegionName is the name of one of Amazon's regions, "" when it is not known.
func AmazonRegionName(code string) string { return amazonRegions[code] }

// AmazonRegions are the codes of Amazon's regions in their order.
func AmazonRegions() []string { return slices.Sorted(maps.Keys(amazonRegions)) }

// RegionTitle puts a region's name and code together: "EU (Ireland) — eu-west-1"; the code alone when it has no name.
func (p Profile) RegionTitle(code string) string {
	if name := p.RegionName(code); name != "" {
		return name + " — " + code
	}
	return code
}

var amazonRegions = map[string]string{
	"us-east-1": "US East (N. Virginia)", "us-east-2": "US East (Ohio)", "us-west-1": "US West (N. California)", "us-west-2": "US West (Oregon)",
	"af-south-1": "Africa (Cape Town)", "ap-east-1": "Asia Pacific (Hong Kong)", "ap-east-2": "Asia Pacific (Taipei)",
	"ap-south-1": "Asia Pacific (Mumbai)", "ap-south-2": "Asia Pacific (Hyderabad)", "ap-northeast-1": "Asia Pacific (Tokyo)",
	"ap-northeast-2": "Asia Pacific (Seoul)", "ap-northeast-3": "Asia Pacific (Osaka)", "ap-southeast-1": "Asia Pacific (Singapore)",
	"ap-southeast-2": "Asia Pacific (Sydney)", "ap-southeast-3": "Asia Pacific (Jakarta)", "ap-southeast-4": "Asia Pacific (Melbourne)",
	"ap-southeast-5": "Asia Pacific (Malaysia)", "ap-southeast-6": "Asia Pacific (New Zealand)", "ap-southeast-7": "Asia Pacific (Thailand)",
	"ca-central-1": "Canada (Montreal)", "ca-west-1": "Canada (Calgary)", "eu-central-1": "EU (Frankfurt)", "eu-central-2": "EU (Zurich)",
	"eu-north-1": "EU (Stockholm)", "eu-south-1": "EU (Milan)", "eu-south-2": "EU (Spain)", "eu-west-1": "EU (Ireland)",
	"eu-west-2": "EU (London)", "eu-west-3": "EU (Paris)", "il-central-1": "Israel (Tel Aviv)", "me-central-1": "Middle East (UAE)",
	"me-south-1": "Middle East (Bahrain)", "mx-central-1": "Mexico (Querétaro)", "sa-east-1": "South America (São Paulo)",
	"us-gov-east-1": "AWS GovCloud (US-East)", "us-gov-west-1": "AWS GovCloud (US-West)",
	"cn-north-1": "China (Beijing)", "cn-northwest-1": "China (Ningxia)", "eusc-de-east-1": "EU Sovereign Cloud (Brandenburg)",
}

// providerRegions is by vendor without its prefix.
var providerRegions = map[string]map[string]string{
	"alibaba-oss": {
		"cn-hangzhou": "China (Hangzhou)", "cn-shanghai": "China (Shanghai)", "cn-qingdao": "China (Qingdao)", "cn-beijing": "China (Beijing)",
		"cn-zhangjiakou": "China (Zhangjiakou)", "cn-huhehaote": "China (Hohhot)", "cn-wulanchabu": "China (Ulanqab)",
		"cn-shenzhen": "China (Shenzhen)", "cn-heyuan": "China (Heyuan)", "cn-guangzhou": "China (Guangzhou)", "cn-chengdu": "China (Chengdu)",
		"cn-hongkong": "China (Hong Kong)", "us-west-1": "US (Silicon Valley)", "us-east-1": "US (Virginia)", "ap-southeast-1": "Singapore",
		"ap-southeast-3": "Malaysia (Kuala Lumpur)", "ap-southeast-5": "Indonesia (Jakarta)", "ap-southeast-6": "Philippines (Manila)",
		"ap-northeast-1": "Japan (Tokyo)", "eu-central-1": "Germany (Frankfurt)", "eu-west-1": "UK (London)", "me-east-1": "UAE (Dubai)",
	},
	"cloudflare-r2": {"auto": "Automatic", "wnam": "Western North America", "enam": "Eastern North America", "weur": "Western Europe",
		"eeur": "Eastern Europe", "apac": "Asia-Pacific", "oc": "Oceania"},
	"digitalocean": {"nyc3": "New York", "sfo2": "San Francisco 2", "sfo3": "San Francisco 3", "tor1": "Toronto", "ams3": "Amsterdam",
		"fra1": "Frankfurt", "lon1": "London", "blr1": "Bangalore", "sgp1": "Singapore", "syd1": "Sydney"},
	"exoscale": {"ch-gva-2": "Geneva", "ch-dk-2": "Zurich", "de-fra-1": "Frankfurt", "de-muc-1": "Munich", "at-vie-1": "Vienna 1",
		"at-vie-2": "Vienna 2", "bg-sof-1": "Sofia", "hr-zag-1": "Zagreb"},
	"hetzner": {"fsn1": "Falkenstein", "nbg1": "Nuremberg", "hel1": "Helsinki"},
	"idrive-e2": {"us-west-1": "Oregon", "us-west-2": "Los Angeles", "us-west-3": "San Jose", "us-southwest-1": "Phoenix",
		"us-midwest-1": "Chicago", "us-central-1": "Dallas", "us-east-1": "Virginia", "us-southeast-1": "Miami", "ca-east-1": "Montreal",
		"eu-west-1": "Ireland", "eu-west-2": "London", "eu-west-3": "London 2", "eu-west-4": "Paris", "eu-central-1": "Frankfurt 2",
		"eu-central-2": "Frankfurt", "ap-southeast-1": "Singapore"},
	"outscale": {"eu-west-2": "Paris", "us-east-2": "New Jersey", "us-west-1": "California", "cloudgouv-eu-west-1": "Paris (SecNumCloud)",
		"ap-northeast-1": "Tokyo"},
	"ovhcloud": {"gra": "Gravelines", "rbx": "Roubaix", "sbg": "Strasbourg", "eu-west-par": "Paris", "eu-south-mil": "Milan", "de": "Frankfurt",
		"uk": "London", "waw": "Warsaw", "bhs": "Beauharnois", "ca-east-tor": "Toronto", "sgp": "Singapore", "ap-southeast-syd": "Sydney",
		"ap-south-mum": "Mumbai"},
	"ovhcloud-us": {"us-east-va": "Vint Hill, Virginia", "us-west-or": "Hillsboro, Oregon"},
	"scaleway":    {"fr-par": "Paris", "nl-ams": "Amsterdam", "pl-waw": "Warsaw", "it-mil": "Milan"},
	"wasabi": {"us-east-1": "N. Virginia 1", "us-east-2": "N. Virginia 2", "us-central-1": "Texas", "us-west-1": "Oregon", "us-west-2": "San Jose",
		"ca-central-1": "Toronto", "eu-central-1": "Amsterdam", "eu-central-2": "Frankfurt", "eu-south-1": "Milan", "eu-west-1": "London 1",
		"eu-west-2": "Paris", "eu-west-3": "London 2", "ap-northeast-1": "Tokyo", "ap-northeast-2": "Osaka", "ap-southeast-1": "Singapore",
		"ap-southeast-2": "Sydney"},
}
