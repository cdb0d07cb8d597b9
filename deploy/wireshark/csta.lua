-- CSTA over TCP for Wireshark and tshark: XML (ECMA-323) with its header of eight bytes, and BER (phases I, II and
-- III) over length16, oxe, hipath26, tpkt and no header at all.
--
-- Copy this file and csta_names.lua into the folder of personal Lua plugins (Help, About, Folders), or
--     tshark -X lua_script:csta.lua -r link.pcapng -d tcp.port==1040,csta
-- XML links are found by themselves. For others choose "Decode as CSTA" and, under Preferences, Protocols, CSTA,
-- the framing and the phase. An XML message is shown by the XML dissector, a BER one by that for BER.

local csta = Proto("csta", "CSTA (Computer-Supported Telecommunications Applications)")

local here = debug.getinfo(1, "S").source:gsub("^@", ""):gsub("[^/\\]*$", "")
local names = dofile(here .. "csta_names.lua")

local FRAMINGS = {
	{1, "found by its first bytes", 0}, {2, "ecma323", 1}, {3, "length16", 2}, {4, "oxe", 3}, {5, "hipath26", 4},
	{6, "tpkt", 5}, {7, "ber", 6},
}
local AUTO, ECMA323, LENGTH16, OXE, HIPATH26, TPKT, BER = 0, 1, 2, 3, 4, 5, 6
csta.prefs.framing = Pref.enum("Framing", AUTO, "How messages are cut out of TCP", FRAMINGS, false)
csta.prefs.phase = Pref.enum("Phase of BER", 3, "Which standard numbers the services and events",
	{{1, "I (ECMA-180)", 1}, {2, "II (ECMA-218)", 2}, {3, "III (ECMA-285)", 3}}, false)

local f = {
	framing = ProtoField.string("csta.framing", "Framing"),
	length = ProtoField.uint32("csta.length", "Length", base.DEC),
	invoke = ProtoField.int32("csta.invoke_id", "Invoke ID", base.DEC),
	kind = ProtoField.string("csta.kind", "Kind"),
	name = ProtoField.string("csta.name", "Service or event"),
	xref = ProtoField.string("csta.monitor_cross_ref_id", "Monitor cross reference ID"),
	preamble = ProtoField.string("csta.preamble", "Preamble"),
	operation = ProtoField.uint32("csta.operation", "Operation", base.DEC),
}
csta.fields = {f.framing, f.length, f.invoke, f.kind, f.name, f.xref, f.preamble, f.operation}

-- element reads the tag and length at an offset: the tag as one number of its bytes, where the content begins, and
-- how long it is (nil: indefinite). Nothing where it is cut off or makes no sense.
local function element(tvb, at, last)
	last = last or tvb:len()
	if at >= last then return nil end
	local tag = tvb(at, 1):uint()
	at = at + 1
	if tag % 32 == 31 then
		repeat
			if at >= last or tag > 0xFFFFFF then return nil end
			local b = tvb(at, 1):uint()
			tag = tag * 256 + b
			at = at + 1
		until b < 128
	end
	if at >= last then return nil end
	local n = tvb(at, 1):uint()
	at = at + 1
	if n == 128 then return tag, at, nil end
	if n > 128 then
		local count = n - 128
		if count > 4 or at + count > last then return nil end
		n = tvb(at, count):uint()
		at = at + count
	end
	return tag, at, n
end

-- skip returns where the element at an offset ends, the indefinite form too.
local function skip(tvb, at, last, depth)
	local tag, from, n = element(tvb, at, last)
	if not tag or depth > 64 then return nil end
	if n then return from + n end
	while true do
		if from + 2 > last then return nil end
		if tvb(from, 2):uint() == 0 then return from + 2 end
		from = skip(tvb, from, last, depth + 1)
		if not from or from > last then return nil end
	end
end

local function integer(tvb, from, n)
	if not n or n < 1 or n > 4 or from + n > tvb:len() then return nil end
	return tvb(from, n):int()
end

local KINDS = {[0xA1] = "request", [0xA2] = "response", [0xA3] = "error", [0xA4] = "reject"}
local ASSOCIATIONS = {
	[0x60] = "Associate request", [0x61] = "Associate response", [0x62] = "Release request",
	[0x63] = "Release response", [0x64] = "Abort",
}
local EVENT_REPORT = 21

-- event reads what follows the operation of an event report: its cross reference ID and its number.
local function event(tvb, at, last, tree, phase)
	local _, from = element(tvb, at, last) -- the argument
	if not from then return nil end
	local tag, content, n = element(tvb, from, last)
	if not tag or not n or content + n > last then return nil end
	local inner, start, length = element(tvb, content, content + n)
	if tag >= 0x60 and inner and length and start + length <= last then content, n = start, length end -- explicitly tagged
	tree:add(f.xref, tvb(content, n), tvb(content, n):bytes():tohex())
	local second = from + (skip(tvb, from, last, 0) or last) - from
	local group, inside, m = element(tvb, second, last)
	if not group then return nil end
	if phase == 1 then return names.events[1][tostring(integer(tvb, inside, m))] end
	local of = element(tvb, inside, last)
	return of and names.events[phase][string.format("%X.%X", group, of)]
end

-- rose shows a PDU of ROSE or ACSE. It returns its kind, its name and its invoke ID.
local function rose(tvb, tree, phase)
	local tag, at, n = element(tvb, 0)
	if not tag then return "malformed", "malformed" end
	if ASSOCIATIONS[tag] then return "association", ASSOCIATIONS[tag] end
	local kind, last = KINDS[tag], n and math.min(at + n, tvb:len()) or tvb:len()
	if not kind then return "unknown", string.format("tag %X", tag) end
	local _, from, m = element(tvb, at, last)
	local invoke = from and integer(tvb, from, m)
	if invoke then tree:add(f.invoke, tvb(from, m), invoke) end
	if kind == "error" or kind == "reject" or not from or not m then return kind, kind, invoke end
	at = from + m
	if kind == "response" then
		local sequence, inside = element(tvb, at, last)
		if sequence ~= 0x30 then return kind, kind, invoke end
		at = inside
	end
	local _, number, size = element(tvb, at, last)
	local operation = number and integer(tvb, number, size)
	if not operation then return kind, kind, invoke end
	tree:add(f.operation, tvb(number, size), operation)
	if kind == "request" and operation == EVENT_REPORT then
		return "event", event(tvb, number + size, last, tree, phase) or "unknown event", invoke
	end
	return kind, names.services[phase][tostring(operation)] or "operation " .. operation, invoke
end

-- xml shows a message of XML: its name is that of the root.
local function xml(tvb, tree, invoke)
	local text = tvb():string()
	local root = text:match("<([%a_][%w_.:-]*)", (text:find("?>", 1, true) or 0) + 1) or "malformed"
	root = root:gsub("^.*:", "")
	local kind, name = "request", root
	if root:match("Event$") and invoke == 9999 then
		kind, name = "event", root:gsub("Event$", "")
	elseif root == "CSTAErrorCode" or root:match("NegResponse$") then
		kind, name = "error", "error"
	elseif root:match("Response$") then
		kind, name = "response", root:gsub("PosResponse$", ""):gsub("Response$", "")
	end
	local from, to, ref = text:find("<[%w_.:-]*[mM]onitorCrossRefID[^>]*>([^<]*)<")
	if from then tree:add(f.xref, tvb(from - 1, to - from + 1), ref) end
	return kind, name
end

local BODY = {xml = Dissector.get("xml"), ber = Dissector.get("ber")}

-- headers are how each framing begins: how many bytes tell the length of all, and that length.
local headers = {
	[ECMA323] = {8, function(t, o) return t(o + 2, 2):uint() end},
	[LENGTH16] = {2, function(t, o) return t(o, 2):uint() + 2 end},
	[HIPATH26] = {3, function(t, o) return t(o + 1, 2):uint() % 0x8000 + 3 end},
	[TPKT] = {4, function(t, o) return t(o + 2, 2):uint() end},
	[BER] = {2, function(t, o)
		local tag, from, n = element(t, o)
		if tag and n then return from + n - o end
		return (skip(t, o, t:len(), 0) or t:len() + 1) - o
	end},
}
headers[OXE] = headers[LENGTH16]

local LABEL = {}
for _, entry in ipairs(FRAMINGS) do LABEL[entry[3]] = entry[2] end

-- guess finds the framing by the first bytes of a stream.
local function guess(tvb)
	local b = tvb(0, 1):uint()
	if tvb:len() == 1 then return (b == 0x42 or b == 0x50) and OXE or LENGTH16 end
	local two = tvb(0, 2):uint()
	if two == 0 then return ECMA323 end
	if two == 0x0300 then return TPKT end
	if b == 0x26 then return HIPATH26 end
	if b >= 0x60 and b <= 0xA4 and (KINDS[b] or ASSOCIATIONS[b]) then return BER end
	return LENGTH16
end

local stream_number = Field.new("tcp.stream")
local framings = {} -- by stream, as found by its first bytes

function csta.init() framings = {} end

local function framing_of(tvb)
	if csta.prefs.framing ~= AUTO then return csta.prefs.framing end
	local number = stream_number()
	local stream = number and number.value or -1
	if not framings[stream] then framings[stream] = guess(tvb) end
	return framings[stream]
end

local framing = ECMA323 -- of what is dissected now

local function message(tvb, pinfo, root)
	local head = headers[framing][1]
	if framing == BER then head = 0 end
	local tree = root:add(csta, tvb())
	tree:add(f.framing, LABEL[framing]):set_generated()
	if head > 0 then tree:add(f.length, tvb(0, head), tvb:len()) end
	if tvb:len() <= head then return tvb:len() end
	local body = tvb(head):tvb()
	local kind, name, invoke
	if framing == ECMA323 then
		invoke = tonumber(tvb(4, 4):string()) or -1
		tree:add(f.invoke, tvb(4, 4), invoke)
		kind, name = xml(body, tree, invoke)
		BODY.xml:call(body, pinfo, tree)
	else
		kind, name, invoke = rose(body, tree, csta.prefs.phase)
		pcall(function() BODY.ber:call(body, pinfo, tree) end)
	end
	tree:add(f.kind, kind):set_generated()
	tree:add(f.name, name):set_generated()
	tree:append_text(string.format(", %s %s%s", kind, name, invoke and ", invoke ID " .. invoke or ""))
	pinfo.cols.protocol = "CSTA"
	pinfo.cols.info:append(" " .. kind .. " " .. name .. " ")
	return tvb:len()
end

function csta.dissector(tvb, pinfo, root)
	if tvb:len() == 0 then return 0 end
	framing = framing_of(tvb)
	local first = tvb(0, 1):uint()
	local offset = 0
	if framing == OXE and (first == 0x42 or first == 0x50) then -- a length of 16 KiB or more is rarer than a preamble
		root:add(csta, tvb(0, 1)):add(f.preamble, tvb(0, 1))
		pinfo.cols.protocol = "CSTA"
		offset = 1
		if tvb:len() == 1 then return 1 end
	end
	local head = headers[framing]
	pinfo.cols.info:clear()
	while offset < tvb:len() do
		local left, n = tvb:len() - offset, nil
		if left >= head[1] then n = math.max(head[2](tvb, offset), head[1]) end
		if not n or n > left then
			pinfo.desegment_offset = offset
			pinfo.desegment_len = n and framing ~= BER and n - left or DESEGMENT_ONE_MORE_SEGMENT
			return tvb:len()
		end
		message(tvb(offset, n):tvb(), pinfo, root)
		offset = offset + n
	end
	return tvb:len()
end

-- heuristic takes a stream that begins as CSTA XML does.
local function heuristic(tvb, pinfo, root)
	if tvb:len() < 16 or tvb(0, 2):uint() ~= 0 or not tvb(4, 4):string():match("^%d%d%d%d$") then return false end
	if not tvb(8, 8):string():match("^%s*<") then return false end
	csta.dissector(tvb, pinfo, root)
	pinfo.conversation = csta
	return true
end

csta:register_heuristic("tcp", heuristic)
DissectorTable.get("tcp.port"):add_for_decode_as(csta)
