"""Acts: what a clause does in a conversation, told by its words. Pure.

Reads the spelling of `speech`, with `DAY` where a day stood and `HOUR` where a time.
The lists are long because people are inventive; where two readings are possible, the
one is taken that books nothing.
"""

from __future__ import annotations

import re
from enum import Flag, auto

__all__ = ["Act", "acts", "is_question", "without_false_noes"]


class Act(Flag):
    NOTHING = 0
    YES = auto()
    "Agrees, to whatever it answers."
    GOOD = auto()
    "Praises what it answers: `perfect`, `that works`."
    COMING = auto()
    "Somebody is to come, to call or to be met."
    FITS = auto()
    "In the words of people who look for a time that suits both."
    COMMIT = auto()
    "Takes what is on the table: `see you then`, `book it`."
    BOOKED = auto()
    "Says that it is done: `you're all set`."
    REFUSE = auto()
    HOLD = auto()
    "Leaves it open: `let me check`, `I'll let you know`."
    MAYBE = auto()
    "Is not sure, or only polite: `maybe`."
    CANCEL = auto()
    "Takes back what was agreed, or wants none of it."
    CHANGE = auto()
    "Replaces what was said: `no, make that four`."
    PROPOSE = auto()
    "Puts something on the table: `how about`, `shall we say`."
    CHECK = auto()
    "Asks whether what is on the table is right."
    INFO = auto()
    "Asks what there is, and takes nothing yet."
    ASK_DAY = auto()
    ASK_TIME = auto()
    ASIDE = auto()
    "Of something else: the past, what might be."
    FACT = auto()
    "Of what is so anyway: one's own day, other people, opening hours."
    DELIVERY = auto()
    "Of things that are sent: no meeting."
    BUSY = auto()
    "Of what somebody has to do at a day or time."
    MEET = auto()
    "Speaks of meeting."
    THANKS = auto()
    EITHER = auto()
    "Takes any of several."
    FIRST = auto()
    "Takes the first of several."
    LAST = auto()
    "Takes the last of several."
    EARLIER = auto()
    LATER = auto()
    SAME_TIME = auto()
    REPEAT = auto()
    "Did not understand, or looks something up; takes nothing."


_SURE = (
    r"(?:ok|oh|ah|well|so|and|right|now|hey|yes|yeah|no|ooh|aw|aye|oh well|hm|but|then"
    r"|just|actually|look|sir|madam|please|thanks|thank you|great|good|perfect|sure|ja"
    r"|also|ok then|that|i think|i guess|i suppose|i mean|sorry|hello|hi|ha|haha|you"
    r" know|listen|see|honestly)"
)
_START = rf"(?:^|[,:] ?)(?:{_SURE} ,? ?)*"
_IT = (
    r"(?:that|it|this|that one|this one|which|they|both|the time|the day|the date|the"
    r" slot|that time|that day|that date|that slot|those|DAY|HOUR|DAY (?:at )?HOUR|HOUR"
    r" (?:on )?DAY|either|everything|all|DAY it|HOUR it|(?:the )?(?:first|second|third"
    r"|last|latter|former|earlier|later|other|early|late) (?:one|slot|option)?|morning"
    r"|afternoon|evening|mornings|afternoons|evenings|(?:the )?(?:morning|afternoon"
    r"|evening)|one)"
)
_VERY = (
    r"(?:all|just|absolutely|really|very|quite|totally|pretty|perfectly|actually|much"
    r"|also|both|so|already|definitely|certainly|probably|fine and|still|more than)"
)
_ADJ = (
    r"(?:perfect|great|good|excellent|lovely|brilliant|wonderful|fantastic|super|cool"
    r"|awesome|fine|ideal|splendid|grand|marvell?ous|terrific|nice|amazing|magic|super"
    r"b|beautiful|smashing|sweet|sound|champion|dandy|okey dokey|sorted|bang on|spot"
    r" on|tip top|peachy|perfecto|wicked|ace|fab|fabulous|stellar|swell|neat|gorgeous"
    r"|delightful|tremendous|ok|all right|right|convenient|suitable|agreeable|doable"
    r"|possible|free|available|open|better|best|correct|settled|confirmed|agreed|done"
    r"|easy|acceptable|no problem|no bother|workable|manageable|on|easiest)"
)
_GOES_ON = (
    r"(?= ?(?:$|[,.:!])| ?(?:then|thanks|thank you|so|see|i|i'll|i'm|we|we'll|let|let's|DAY"
    r"|HOUR|for (?:me|us|him|her|them|my|both|everyone|everybody|all|HOUR|DAY)|by (?:me"
    r"|us)|with (?:me|us|him|her|that)|and|that|it|on|at|on my|mate|love|sir|dear|man"
    r"|madam|ma'am|cheers|stuff|idea|to (?:me|go|hear)|ok|as well|too|because|cos|if"
    r"|you|yes|yeah|in|actually|indeed|but|enough|could|can|what|where|how|do|is|will"
    r"|would|should|shall|lah|lor|ta|really|now|appreciate|again|the|my|just|there"
    r"|please|perfect|great|talk|looking|pet|bye|right|about|from|or|even)\b|$)"
)
_I = r"(?:i|we|she|he|they|you|my wife|my husband|the two of us|both of us)"
_CAN_DO = r"(?:can|could|will|would|'ll|i'll|we'll)"

_NO_REFUSAL = re.compile(
    r"\b(?:wouldn't be a problem|not too early|not too late|no (?:problem|worries|bother|rush|trouble|issue|hurry|doubt|need|matter|fuss"
    r"|probs|biggie|objections?|conflict|charge|obligation|pressure|later than|earlier"
    r" than|wonder|idea|more than|appointment needed|questions|reason why not)|why not"
    r"|(?:no ,? ?)?not (?:a problem|at all|to worry|a bother|bad|too bad|that i|only|long|far|too"
    r" (?:early|late) for|an issue)|(?:don't|do not) (?:mind|worry|forget|see why not|be"
    r" late|hesitate|need to)|can't (?:wait|complain|argue|go wrong|say no|see why"
    r" not|think of|believe|hear)|can not wait|couldn't be (?:better|happier)|wouldn't (?:miss|mind|say"
    r" no)|won't (?:be late|forget|miss|take|keep|regret|need|hurt|be long|disappoint"
    r"|let)|nothing (?:else|more|fancy|special)|never (?:better|been better)|not"
    r" (?:too )?shabby|isn't it|aren't (?:you|we)|doesn't it|don't you|won't you|can't"
    r" you|haven't you|wouldn't it|didn't (?:catch|hear|get|quite|realise|realize|know"
    r"|understand|think)|not sure what to (?:bring|wear)|unless i'm mistaken|couldn't"
    r" agree more|not later than|no one|nobody else|sorry (?:about|for|to|i'm late)|haven't got a pen"
    r"|don't (?:know (?:what|where|how|the address|him|her|if)|have (?:a pen|to|your)"
    r"|do texts|need to|take|bring|eat|drink|drive|park|go anywhere|suppose|call"
    r" before|like (?:him|her|them|it))|doesn't clash|not clash|no clash(?:es)?|not (?:my|the) (?:fault|end)|nothing to|no thanks"
    r" needed|(?<=is )not it)\b"
)

_TABLE: tuple[tuple[Act, str], ...] = (
    (
        Act.YES,
        rf"{_START}(?:yes|yeah|yah|ya|ja|aye|sure|absolutely|definitely|certainly|of"
        r" course|exactly|agreed|deal|indeed|mhm|you bet|by all means|very"
        r" well|no problem|no worries|why not|go ahead|go on(?! about)|go for it|please do|with"
        r" pleasure|gladly|naturally|done|right you are|righto|too right|fair enough"
        r"|sounds like a plan|ok(?! (?:but|google))|(?:it does|it is|it would|that would|it will|they do|that does)(?= ?$| ?,| (?:then|indeed|yes|thanks|thank))|i do(?= ?$| ?,)|(?:i am|i can|we can|we do|we are|i would|we would)(?= ?$| ?,)"
        r"|that's (?:right|correct|it|the one|me)|(?:note|book|do|take) it(?= ?$| ?,)|suppose so|i suppose"
        r" so|i think so|i guess so|i guess|roger|affirmative|copy that"
        r"|why ever not|(?:i'd be |we'd be |i would be |more than )?(?:happy|glad|delighted) to(?! (?:hear|know))|(?:i|we)(?:'d| would) (?:like|love) that|sure thing|works|can(?= ?$| ?,| lah| can| DAY| HOUR)|correct|right|^please"
        r"|you got it|you've got it|consider it done|can do|why not|not a problem|no bother|mais oui|si|oui|claro|got it|noted|accepted|i say yes|you may|let's(?= ?$)|happily"
        r"|will do|all right|easy|right then|do(?= ?$| ?,)|do that|(?:you )?do(?= ?$))\b(?! (?:for nothing|tight|about the))",
    ),
    (
        Act.GOOD,
        rf"{_START}(?:{_VERY} )*{_ADJ}(?! (?:(?:price|product|offer|deal|weather|question"
        r"|point|job|service|brochure|day for|morning|afternoon|evening|night|news|luck"
        r"|grief|god|choice|company|people|timing|english|advice)\b))" + _GOES_ON,
    ),
    (
        Act.GOOD,
        rf"\b{_IT} ?(?:'s|is|was|are|were|be|would be|will be|'ll be|should be|shall be"
        rf"|sounds|seems|looks|sound|look|works out|will do|'d be|could be|can be|might"
        rf" be (?=perfect)|being|feels|sits|is going to be) ?(?:{_VERY} )*{_ADJ}"
        + _GOES_ON,
    ),
    (
        Act.GOOD,
        rf"\b(?:sounds?|seems|looks) (?:{_VERY} )*(?:{_ADJ}|like a plan)"
        r"(?! (?:on paper|in theory|but))",
    ),
    (
        Act.GOOD,
        rf"(?:{_IT}|\bi think) (?:{_VERY} |should |would |will |'ll |'d |can |does |do"
        r" |might just |could )*(?:works?|suits?|fits?|do(?:es)? (?:the job|me|nicely"
        r"|it|fine|very well|just fine|well)|worked)\b(?! (?:best )?(?:out )?(?:better"
        r"|from|at the|on a|till|until|if))|\b(?:suits|works|fits) (?:for )?(?:me|us|fine|great"
        r"|perfectly|well|nicely|very well|better|best|good)|\bthat(?:'ll| will|'d| would"
        r"| should)? (?:do|suit|work|fit)\b(?! (?:we|i|they)\b)|\b(?:DAY|HOUR) (?:can|it can|possible)$",
    ),
    (
        Act.GOOD,
        r"\b(?:DAY|HOUR) ?,? (?:yes|yeah|ok|sure|perfect|great|good|fine|lovely|cool|brilliant"
        r"|excellent|super|wonderful|grand|then yes|deal|done)\b(?! (?:question|point|to know|price))"
        r"|\bnot (?:too |so )?bad\b|\bnothing (?:speaks )?against\b|\b(?:you're|you are) (?:a|an) (?:star|treasure"
        r"|angel|legend|gem|lifesaver|life saver|hero|diamond|darling)\b|\bcan't complain\b|^(?:no ,? ?)?(?:not at all|of course not)\b|\bwhy not\b",
    ),
    (
        Act.COMING,
        r"\b(?:(?:come|comes|coming)(?! (?:out of|to \d|with the|from the|in \d|off))|be (?:there|here|in|home)|meet|see (?:you|him|her|them|ya)|visit|"
        r"(?:ring|call|phone|speak to|talk to) (?:you|me|us|him|her)|drop (?:in|by)|pop (?:in|round|over|by)"
        r"|count (?:me|us) in|(?:put|book|pencil|squeeze|fit|slot) (?:me|us|you|him|her|them) (?:down|in|for))\b",
    ),
    (
        Act.FITS,
        r"\b(?:works?|suits?|fits?|will do|that'll do|free|available|open|opening|i'll be there|see you|book(?:ed)?|stop by|come|ring|call|phone|meet|chat|visit|slot|put (?:you|me|it) (?:down|in)|appointment|squeeze|drop)\b",
    ),
    (
        Act.COMMIT,
        r"\bsee (?:you|ya|u|y'all|him|her|them|yous) (?:all )?(?:then|on|at|there|DAY|HOUR|next|tomorrow"
        r"|later|soon)|\buntil (?:then|DAY|HOUR)(?= ?$|[,.!])|\btill (?:then|DAY)"
        r"|\b(?:put|pencil|sign|mark|write|stick|pop|squeeze|slot|fit|jot|book|schedule"
        r"|set|log|get|add|enter|note|pop) (?:me|us|it|that|him|her|them|this|HOUR|DAY"
        r"|the DAY|my name|one|both|his name) (?:down|in|for|up|on|there|then|at|into)\b"
        r"|\b(?:book|reserve|take|confirm|schedule|lock|grab|fix|keep|do|go with|go for"
        r"|choose|pick|prefer|stick with|stay with|stick to|leave it at|settle on|settle for|plump for|make it|call it) (?:it"
        r"|that|the|this|HOUR|DAY|me|us|that one|this one|one|for|you)(?= |$)(?! (?:depends|price|plan|if|from))",
    ),
    (
        Act.COMMIT,
        r"\b(?:i|we|they|he|she|i'll|we'll|i'd|we'd|my wife|both)(?:'ll| will| can| shall"
        r"|'d)? ?(?:definitely|certainly|gladly|all|both|just|then|both)? ?(?:be there|be"
        r" here|be in|be ready|be waiting|be home|be at home|be around|be available|be"
        r" free|take (?:that|it|the|HOUR|DAY|this|one)|come (?:then|in|at|on|over|by|DAY"
        r"|round|to)|do (?:that|it|HOUR|DAY|the)|make (?:it|that|HOUR|DAY|the)|expect|look"
        r" forward|be expecting|see you|wait for (?:you|him|her|them|the)|pop (?:in|over|round)"
        r"|swing by|drop by|join|bring|tell my|set an alarm|write (?:it|that) down|put"
        r" (?:it|that|the kettle)|note|have the|mark|dial in|pick up|keep (?:it|that|DAY)"
        r"|clear my|block|go with|go for|leave work|get (?:off|away|there)|manage|call you (?:at|on)"
        r"|ring you (?:at|on)|move|meet you|find it|park|need the address|book|tell the|tell him|accept)\b",
    ),
    (
        Act.COMMIT,
        r"\b(?:let's|let us|lets|shall we|we)(?: just| rather| then| maybe)? (?:do|say|make|go|meet|fix|book"
        r"|take|plan|stick|keep|schedule|call it|have|set|put|leave it at|settle|speak"
        r"|talk|catch|stay|move|keep it)\b|\b(?:count me in|it's a (?:date|deal|plan)|DAY it is"
        r"|HOUR it is|you're on|give me (?:that|it|the|DAY|HOUR)|(?:DAY|HOUR) then|then (?:DAY|HOUR)|i'm (?:in(?= ?$| ?,)|free|available"
        r"|happy|good(?! till| for now| thanks)|up for|ok|fine|down for|game|there(?= ?$| ?,| DAY| at))|we're (?:in|free|available|happy"
        r"|good|on|ok)|i accept|(?:can|could|will) do$|can do|can make (?:it|that|HOUR|DAY)|(?:HOUR|DAY)"
        r" please|(?:make|call) (?:it|that) (?:HOUR|DAY)|i've got (?:it|that) (?:down|noted"
        r"|written)|looking forward|that's a plan|talk (?:to you )?(?:then|DAY|on DAY|at HOUR|soon)"
        r"|speak (?:to you )?(?:then|DAY|on DAY|at HOUR)|be my guest|i am (?:free|available|there)|it is"
        r" then|we have a deal|suits me|i have (?:it|that) (?:noted|down)|we come|i come"
        r"|meet you (?:there|then)|it's (?:settled|agreed))\b",
    ),
    (
        Act.BOOKED,
        r"\b(?:you(?:'re| are)|he(?:'s| is)|she(?:'s| is)|we(?:'re| are)|that(?:'s| is)|it(?:'s| is)|that"
        r" is|all|they're|i've got you|i have you|got you|have you|you've got|i've) (?:now"
        r" |all |then |both |confirmed |got you |you |already |him |her |therefore "
        r"|officially )*(?:booked|set|scheduled|confirmed|reserved|down|in|on|fixed"
        r"|noted|arranged|sorted|done|registered|expected|entered|written|in the"
        r" (?:diary|calendar|book|system|books)|on the (?:list|calendar|books|schedule)"
        r"|popped|put|made|blocked|locked)\b",
    ),
    (
        Act.BOOKED,
        r"\b(?:i(?:'ll| will|'ve| have|'m|'d)?|we(?:'ll| will|'ve| have|'re)?|let me) (?:now |just "
        r"|then |go ahead and |gladly |make sure to |be |got |also |happily |put |have )*"
        r"(?:(?:book|put|schedule|pencil|note|mark|enter|lock|reserve|block|add|arrange|confirm|write|pop|slot|fit|squeeze|get|booked|scheduled|reserved|noted|entered|blocked|written|popped|marked|added|put|moved|changed|move|change|switched|set) "
        r"(?:you|it|that|this|him|her|them|us|DAY|HOUR|down|in|the (?:slot|appointment|time|booking|meeting|call)|your (?:appointment|name|slot|booking))"
        r"|send (?:you )?(?:a |an |the |your |over |out |it |him |her )*(?:calendar|invite|invitation|confirmation|link|details|address|directions)"
        r"|expect (?:you|him|her)|expecting|see you|look forward|have you|keep it|hold it|save it|hold (?:that|the)|keep (?:that|the|DAY|HOUR))"
        r"|^(?:booked|confirmed|scheduled|reserved|noted|all set|all booked|done|sorted"
        r"|fixed)\b|\b(?:booked|confirmed|noted|reserved|scheduled) (?:for|on|then|in|it)"
        r"|\bthat's (?:in the (?:book|diary|calendar)|done|changed|moved)|\b(?:gets|gotten|is) (?:booked"
        r"|confirmed)|\b(?:invite|invitation|confirmation|link|email|text) (?:is|will be|is on|'s on|coming|follows)"
        r"|\b(?:is|are) (?:expecting|looking forward)|\b(?:will|'ll) (?:be there|be expecting|call you|ring you|phone you|be with you|meet you|come|see you|expect you|be waiting)",
    ),
    (
        Act.REFUSE,
        r"^(?:no ,? ?)?(?:i'm|we're|i am|all) good(?: ,? ?(?:thanks|thank you|for now|mate))+$|"
        rf"{_START}(?:no(?= ?$| ?,| (?:i|we|he|she|it|that|this|thanks|thank|not|no|sorry|don't|can't|way|can"
        r"|really|actually|please|unfortunately|there|my|the|good|you|DAY|HOUR|at|on|never|wait|but|mate|sir|love"
        r"|dear|darling|chance|point|use|longer|interest|time|because|cos|let's|that's|it's|i'm|we're|just|for|if|oh|make)\b)"
        r"|nope|nah(?! (?:HOUR|DAY) (?:is|works))|nay|never(?! mind)|negative|not (?:really|possible|DAY|HOUR|at HOUR|on DAY|then|so good|good|ideal|great|today|tomorrow|before|after|until|interested|available|free|for me|for us|me|both|either|that day|that time|this week|next week|yet|necessary|needed)|neither|can't|cannot"
        r"|impossible|none)\b",
    ),
    (
        Act.REFUSE,
        r"\b(?:can't|cannot|can not|couldn't|won't|doesn't (?:work|suit|fit|look good|help|do)"
        r"|don't (?:want|think|work|suit|have (?:time|anything|any|a slot|a free|that"
        r"|it)|have|like|do|fit|need|feel|really|even|care|give)|wouldn't (?:work|suit|be|want)|isn't"
        r" (?:good|ideal|possible|great|free|available|going|so|really|an option|it|any)|aren't"
        r" (?:free|available)|not (?:free|available|possible|good|ideal|so good|great|work"
        r"|suit|interested|able|keen|in|today|tomorrow|DAY|HOUR|going|the best|convenient"
        r"|really|an option|around|at home|home|there|any|anything|now|my|ready)|unfortunately|i'm"
        r" afraid|busy|booked (?:up|out|solid|already)|fully booked|full(?: up)?$|taken"
        r"|gone|out of (?:town|office|the office|the country|the question)|away (?:on|until|that|then|in|all|DAY)|on"
        r" (?:holiday|vacation|leave|a plane|a course)|rather not|impossible|too (?:early"
        r"|late|soon|far|tight|much|short)|neither|none of|already have|clash|clashes"
        r"|conflict|tied up|difficult|tricky|no (?:good|can do|thanks|thank|way|use|chance|time|space"
        r"|longer|interest|need for|slots?|more|room|go)|never mind(?= ?$| ?,? (?:then|i'll|bye|thanks|it|forget))|pass|bad (?:for|day|time"
        r"|idea)|nothing (?:on|at|free|left|available|before|until|for|in|then)|(?:is|are|was) out|a"
        r" problem|in (?:court|surgery|a meeting|meetings|bed|hospital|theatre)|would be hard|struggle"
        r"|hate|doubt|closed|scrap|scratch|refuse|not$|(?:i have|i've got|we've got|we have|i got) (?:\w+ ){0,3}(?:dentist|doctor|doctor's|dentist's|meetings?|class|classes|school|work|shift|shifts|exam|exams|wedding|funeral|pilates|practice|training|hospital|date|conflict|thing|flight|game|court|yoga|gym|swimming|netball|football|band|choir|church|dinner|party|call then|lunch then)\b"
        r"|rubbish|useless|a bit (?:early|late|tight|soon))\b",
    ),
    (
        Act.HOLD,
        r"\blet me (?:just |quickly |first |please )*(?:check (?:with|my|the|and|first"
        r"|if|whether|that)|think(?! ?,)|see (?:if|what|whether)|ask|talk|sleep|get back|consult"
        r"|discuss|find out|run it|call you|ring you|have a (?:think|word|chat))|\b(?:i|we|i'd|we'd|i'll|we'll|i've|"
        r"he|she)(?: would| will|'ll)? ?(?:just |first |still |really |also |probably "
        r"|only )*(?:have|need|must|want|should|'d better|got|gotta|better|wait|going)(?: got)?(?: to)? ?"
        r"(?:first |just |still |quickly |really )*(?:to )?(?:check|ask|think|talk (?:to|with|it)|speak (?:to|with) (?:my|the"
        r"|him|her|them)|consult|discuss|sleep|find out|run it|clear (?:it|this|that)|look (?:at my|in my|it up))"
        r"|\bget back to you|(?:call|ring|phone|text|write|email|message|contact|recall|get) (?:you|ya) back"
        r"|come back to you|give (?:you|ya|u) a (?:call|ring|buzz|shout|bell) (?:back|when|if|once|later|then)?|\blet (?:you|ya|u) know(?! (?:when i|if i'm (?:late|running)|if i am late|if anything|what to))"
        r"|(?:i|we)'ll (?:think|see(?= ?$| ?,| what| if| how| about)|be in touch|check|ask|get in touch|sleep"
        r"|decide|find out|ring (?:when|if|once)|call (?:when|if|once|in))|not (?:quite |really |so |100 |entirely |completely |a 100 )*(?:sure|certain)(?! (?:what to|where|how to get|about parking))|it depends|that depends|depends on"
        r"|can't (?:say(?! no)|promise|commit|confirm|tell you|guarantee|decide|agree)|hard to say|\bi don't know(?= ?$| ?,| (?:yet|if|whether|when|man|love|mate|pet|dear|really|honestly|about))|no idea(?= ?$| ?,| yet| when)"
        r"|\bif (?:i|we) (?:can get|feel like|decide|want to)|\bif (?:he|she|they|my \w+) (?:agrees?|says?|wants?|can|lets?)|\bnot (?:until|before|unless) (?:i|he|she|they|we|my)|unless (?:i|he|she|they|we|my|something)|until (?:i|he|she|they|we)(?:'ve|'s| have| has| know| hear| hears) "
        r"|(?:say|tell you|let you know|decide|pick|choose) which|sleep on it|subject to|waiting (?:for|on) (?:my|the|a|an|his|her|approval|confirmation|word|someone|him|them)|to be (?:confirmed|decided|discussed)"
        r"|think (?:about it|it over|about that|it through|on it)|not decided|undecided|haven't (?:decided|made up)|we'll see|don't hold|all being well|fifty fifty|50 50|touch base|play it by ear|remains to be seen|in principle|only if"
        r"|not ready to|(?:don't|not) (?:want to|going to|gonna) (?:commit|decide|fix)|just (?:seeing|asking|looking|curious|wondering)|not booking|only (?:asking|need to know|want to know|wanted to know)|nothing (?:yet|for now)|another time|some other time|have to pass|(?:ask|check with|talk to|speak to) my (?:wife|husband|boss|partner|manager|other half|better half|mum|mom|dad|lawyer|team|colleague)|call me back|ring me back|try me again|try again",
    ),
    (
        Act.MAYBE,
        r"\b(?:maybe|perhaps|possibly|might|i may|we may|he may|she may|it may|may be|provisionally|tentative(?:ly)?|hopefully|supposed to|in theory|as long as|provided|could be|probably|i hope|should be able)\b",
    ),
    (
        Act.CANCEL,
        r"\b(?:cancel(?: (?:it|that|this|the|my|everything|our|DAY))?|cancelled|call(?:ing)? (?:it|the whole thing|that) off"
        r"|forget (?:it|about it|the (?:meeting|appointment|whole|call)|that)|leave it(?! (?:at|there|as|like|to|with|open|on|by|in))|changed my mind|change my mind"
        r"|on second thoughts? ,? ?(?:no|i'd rather not|let's not|leave|i don't|i won't|cancel)|it's a no\b|no deal\b|still no\b|no need (?:for (?:him|her|them|you|anyone|a)|to (?:meet|come|call|book|visit))|no (?:call|meeting|visit) (?:then|necessary|needed|required)|let's not(?! (?:forget|worry|say))|can't make it(?! (?:on|at|before|until|to|DAY|HOUR))|never mind(?= ?$| ?,? (?:then|i'll|bye|thanks|it|forget))|(?:don't|do not) (?:add|count|expect|wait for|come|bother)|(?:nobody|no one) needs to|going (?:somewhere else|elsewhere)|it's (?:just )?gone|been taken|no longer available|i won't be (?:there|able|coming)|(?:we|i) won't be coming|not interested|no interest|take me (?:off|out)|wrong number"
        r"|drop (?:it(?= ?$| ?,)|the idea|the whole|the meeting)|(?:don't|do not) (?:book|pencil|hold|put (?:anything|it|me|us|that) (?:down|in)|want (?:(?:a|an|any|another|your|the) )?(?:meeting|appointment|call|visit|demo|anything|anybody|anyone|one|to (?:meet|book|make|commit|buy|have|talk|do this))|need (?:a|an|any) (?:meeting|appointment|visit)|reserve|schedule)|(?<!can't )leave the (?:boiler|whole|idea|thing|meeting|appointment)|rather (?:leave|not|skip|forget)|skip it"
        r"|stop calling|never call|no meeting|nothing booked|better not|no longer (?:need"
        r"|want|interested)|not (?:going to happen|happening|for me|today)|won't be (?:any|a) meeting|won't be needing|scrap (?:it|that|the)"
        r"|withdraw|count me out|do without|happy with what|don't call|(?:i'll|we'll) pass(?= ?$| ?,| on (?:that|this))|give it a miss|only a test|just a test|just testing|kidding|joking|joke|pulling your leg)\b",
    ),
    (
        Act.CHANGE,
        r"\b(?:no wait|wait|actually|instead|rather|make (?:it|that)|move|moved|reschedule|postpone"
        r"|prepone|bring (?:it|that) forward|push (?:it|that)|shift|swap|switch|change"
        r"|changed|sorry|scratch|i mean|i meant|correction|better|prefer|earlier|later"
        r"|second thoughts?|on reflection|hang on|hold on|wait a|oh no|no no|no sorry|i said|my mistake|my bad|i was wrong|put (?:it|that) back|not (?:DAY|HOUR))\b",
    ),
    (
        Act.PROPOSE,
        r"\b(?:how about|what about|how's|how is|how does|how would|what if we|shall we|shall i|should we|should i"
        r"|could we|can we|can you|could you|could i|can i|may i|might we|let's|let us|would"
        r" you|would (?:DAY|HOUR|it|that)|are you|is (?:DAY|HOUR)|does (?:DAY|HOUR)|do (?:DAY|HOUR)|i (?:can|could|would|'d) (?:offer|suggest"
        r"|propose|do|make|like|give|manage|squeeze|fit|see|come|send)|i'd (?:suggest|propose|like|say|go)|i suggest|i propose|we could"
        r"|we can|i have|we have|i've got|we've got|there's|there is|say|what do you"
        r" say|you could|next (?:free|available|opening|one)|first (?:free|available|one)|earliest|available|free|open|opening|maybe|perhaps|i was thinking|thinking|how are you|works best|suppose)\b",
    ),
    (
        Act.CHECK,
        r"\b(?:(?:does|do|would|will|could|might|can) (?:that|it|this|those|either|any|one) (?:still |also |both )*(?:work|suit|be|fit|do|go|help|sound)|is (?:that|it|this) (?:ok|good|fine|all"
        r" right|convenient|possible|right|correct|alright|suitable|too|a deal|agreed|settled)|how (?:does|is|'s) (?:that|it|this)|(?:shall|should|can|may|could|do you want me|would you like me)"
        r" (?:i|we|to)? ?(?:to )?(?:go ahead and |then |just |now )*(?:book|put|schedule|send|confirm|reserve|pencil|go ahead|lock|block|note|hold|take|enter|fix|make|keep|mark|set|arrange|pop)|are you (?:free|available|ok|good|happy|in|there) then"
        r"|right$|correct$|yes$|ok$|deal$|agreed$|ok with you|good for you|fine with you|work for you|suit you|works for you|can you make (?:it|that)|do you want (?:that|it)"
        r"|would you like (?:that|it)|is that a (?:yes|deal)|so that's|you said|did you say|you mean|do i have that right|have i got that right|if that (?:works|suits|is|'s)|would you be (?:free|available|able)|would you prefer|which (?:one|of|would|do|suits|is)|what do you (?:think|say))\b",
    ),
    (
        Act.INFO,
        r"\b(?:do you (?:guys |folks |all |people |even )?(?:have|do|still have|by any chance|happen)|have you (?:got|anything|any|a)|has (?:he|she|the"
        r" doctor) (?:got|anything)|is there (?:a|an|any|anything|something|still)|anything"
        r" (?:free|on|at|available|else|earlier|later|before|after|in)|what (?:do you have|have you got|times|days|is"
        r" free|is available|slots|about the rest)|which (?:times|days|slots)|got anything|any (?:slots|openings|appointments|chance|free)|is (?:DAY|HOUR|that|it|he|she|anyone|somebody|someone) (?:still )?(?:free"
        r"|available|open|around)|\b(?:is|are) (?!(?:DAY|HOUR|it|that|this|there|you|everything|either|i|we)\b)\w+(?: \w+)? (?:in|there|around|open|working|on duty|available|free) (?:on|at|DAY|HOUR)|are you open|do you open|when (?:are|do) you (?:open|close))\b",
    ),
    (
        Act.ASK_DAY,
        r"\b(?:(?:what|which) (?:day|days|date|dates)|when (?:would|could|can|shall|should"
        r"|do|does|are|is|did|will|suits|works|you)|which (?:one|of|would|do|suits|is)|and the day|what day|how soon|on what day|when$|when then)\b",
    ),
    (
        Act.ASK_TIME,
        r"\b(?:what (?:time|times|hour|o'?clock)|which (?:time|times|hour|one)|at what|when"
        r" (?:would|could|can|shall|should|do|does|are|is|will|suits|works|on|exactly|in|you)|how early"
        r"|how late|what's (?:the earliest|a good time|best|convenient)|(?:morning|afternoon)"
        r" or (?:afternoon|evening|morning|in)|and the time|any time (?:in particular|you)|preferred"
        r" time|which would you|which of|which suits|which do you|which is|how about the time|earliest|when$)\b",
    ),
    (
        Act.DELIVERY,
        r"\b(?:deliver(?:y|ed|ies|s|ing)?|parcel|package|courier|shipped|shipment|dispatch(?:ed)?|post(?:ed)? it|invoice|payment"
        r"|pay (?:by|it|the)|deadline|due (?:on|by|date)|paperwork|documents? by|refund|arrive by"
        r"|transfer the|expires?|collect(?:ed|ion)? (?:the bins|rubbish|your bins)|bins?|comes out of|charged|debit(?:ed)?|checking account|boarding pass|flight|newsletter|renewal date|bank holiday)\b",
    ),
    (
        Act.MEET,
        r"\b(?:meet|meeting|appointment|demo|visit|visits|book|booking|bookings|schedule|slot|slots|table for|viewing|session"
        r"|catch up|interview|consultation|lesson|trial|get together|sit down|inspection|survey|tour|haircut|reserve|reservation"
        r"|come (?:by|over|round|in|along|and (?:see|look|have)|out|to (?:see|you|us|our|the office))|pop (?:in|round|over|by)|swing by|drop (?:in|by)"
        r"|see (?:you|him|her|them|someone|somebody|the (?:doctor|vet|dentist|nurse|consultant)|doctor|dr|mr|mrs|ms|a \w+)|(?:speak|talk) (?:to|with) (?:the |a |an |our |doctor |dr |mr |mrs |ms )?\w+|cut and|walkthrough|presentation|call with|video call|phone call|(?:quick|short|little|brief|proper|first) (?:chat|call|talk|word|look)|chat (?:on|with|about)|(?:be|get) (?:there|with you|here) (?:at|by|on|around|between|DAY|HOUR)|your place|(?:our|your|my) (?:office|place|house|showroom|shop)|i'll be there|be there to|bring (?:him|her|it|them|the \\w+) in|check ?up|checkup|quote|adviser|advisor|specialist)\b",
    ),
    (
        Act.THANKS,
        r"\b(?:thanks|thank you|cheers|ta|much appreciated|appreciate it|bye|goodbye|take care|many thanks|danke|grazie|merci)\b",
    ),
    (
        Act.EITHER,
        r"\b(?:either(?: one| of them| of those| is| works| would| day| time|$)|both (?:work|are|would|suit|fine|good|ok)|any of (?:them|those|these)|all the same|doesn't matter|don't mind|no preference"
        r"|you (?:choose|pick|decide)|whichever|whatever (?:suits|works|you)|up to you|your choice|all of them|any time|anytime|whenever|all day|wide open)\b",
    ),
    (
        Act.FIRST,
        r"\b(?:(?:the )?(?:first|former)(?: one| slot| option| of (?:those|the two|them|these))?|number one)(?= ?$| ?[,.]| (?:it is|please|then|works|is|would|suits|sounds|for|one|slot|option|of)\b)",
    ),
    (
        Act.LAST,
        r"\b(?:(?:the )?(?:second|latter|last)(?: one| slot| option| of (?:those|the two|them|these))?|number 2|the other(?: one)?)"
        r"(?= ?$| ?[,.]| (?:it is|please|then|works|is|would|suits|sounds|for|one|slot|option|of)\b)",
    ),
    (
        Act.EARLIER,
        r"\b(?:the )?(?:earlier|earliest|early|sooner|soonest)(?: one| slot| option| time| of (?:those|the two|them))?(?= ?$| ?[,.]| (?:it is|please|then|works|is|would|suits|sounds|one|slot|of)\b)",
    ),
    (
        Act.LATER,
        r"\b(?:the )?(?:later|latest|late)(?: one| slot| option| time| of (?:those|the two|them))(?= ?$| ?[,.]| (?:it is|please|then|works|is|would|suits|sounds)\b)|\b(?:the )later(?= ?$| ?[,.]| (?:it is|please|then|works|is|would|suits|sounds))",
    ),
    (Act.SAME_TIME, r"\bsame (?:time|hour|o'?clock|slot)\b|\btime (?:stays|remains)\b"),
    (
        Act.REPEAT,
        r"\b(?:pardon|what was that|say (?:that|it) again|come again|didn't (?:catch|hear|get) (?:that|you|it|the)"
        r"|you're breaking up|repeat that|hang on|hold on|(?:one|just a|wait a|give me a) (?:moment|second|minute|sec)"
        r"|bear with me|let me (?:just |quickly |have a )*(?:check|see|look)|on hold|can't hear)\b",
    ),
)
_ACTS = tuple((act, re.compile(pattern)) for act, pattern in _TABLE)

_NO_THANKS = re.compile(
    r"(?:no ,? ?)?(?:i'm|we're|i am|all) good(?: ,? ?(?:thanks|thank you|for now|mate))+"
)
_NEGATED = re.compile(
    r"\b(?:\w+n't|not|never|cannot|nothing|nobody|without|unable|refuse)(?: \w+){0,2} $"
)

_ASIDE = re.compile(
    r"\b(?:yesterday|last (?:week|month|year|night|monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
    r"|the other day|ago"
    r"|(?:was|were|had (?!a cancellation|one cancel)|waited|came|went|missed|called|rang|tried|told|met|saw|used to|happened|turned up|i left|he left|she left|wrote|stood|arrived|bought|started|spoke) (?:\w+ ){0,5}(?:on |at |until |till |from |since )?(?:DAY|HOUR)"
    r"|(?:DAY|HOUR) (?:\w+ ){0,3}(?:was|were|had|didn't|wasn't|weren't)(?! (?:thinking|wondering|going|hoping))"
    r"|(?:we|you|they|he|she|i|it|that) (?:agreed|said|told|were|was|did|woke|broke|stopped|fell|died|heard|found|paid|ordered|moved|signed|closed|opened|cancelled) (?:\w+ ){0,3}(?:DAY|HOUR)|(?:we|you|they|he|she|i) (?:met|talked|spoke|chatted) (?:\w+ ){0,6}(?:DAY|HOUR)"
    r"|(?:customers?|clients?|people|users|callers?|leaflet|poster|advert|ad|sign|website|letter|email|it) (?:just |often |always |can |might |here )?(?:says?|asks?|said|reads?)\b|that's what (?:you|he|she|they|your) (?:\w+ )?(?:said|told)|as agreed"
    r"|(?:if|suppose|supposing|imagine) (?:we|i|you|it|somebody|someone|one) (?:met|were|was|came|had|could|would|did|said|chose|wanted|took|booked)\b"
    r"|would have|could have|should have|in an ideal world|in a perfect world|for (?:example|instance)"
    r"|(?:correspondence|letter|email|e mail|mail|invoice|order|report|message|statement) (?:\w+ ){0,2}(?:of|dated|from) DAY|(?:been|already) (?:arranged|booked|confirmed|scheduled|fixed|agreed) (?:for|since) (?:weeks|months|ages)|i (?:called|rang|was there|wrote|came|phoned))\b"
)
_KIN = r"my (?:sister|brother|mother|father|mum|mom|dad|son|daughter|friend|neighbour|neighbor|boss|colleague|cousin|aunt|uncle|husband|wife|kid|kids|girl|boy|flatmate|partner|mother in law)"
_FACT = re.compile(
    r"\b(?:(?:match|game|final|film|movie|show|concert|party|wedding|birthday|train|flight|plane|bus|ferry|funeral|burial|exam|school play|webinar|episode|news|programme|program|church|mass|rehearsal|race|sale|election|holiday|kids?|baby|check ?out|breakfast|delivery|lesson|course|class|service|sermon|meeting|lunch) (?:\w+ ){0,2}(?:is|are|starts?|begins?|leaves?|gets in|lands?|ends?|finish(?:es)?|comes|runs)\b"
    r"|(?:match|game|final|film|movie|concert|party|wedding|birthday|train|flight|plane|bus|ferry|funeral|burial|exam|school play|webinar|episode|news|rehearsal|race|sale) (?:\w+ ){0,3}(?:on|at|is|starts)\b"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)days\b|(?:reminder|remind you|remind (?:him|her))\b|(?:shuts?|closes?|closed|ends?|opening hours|office hours|shift|on duty|lunch break|nursery) (?:\w+ ){0,4}(?:DAY|HOUR)"
    r"|your (?!appointment|meeting|slot|booking|first|next|call|demo|session|lesson|consultation|interview|visit|time|best|preferred|viewing|table|reservation|earliest)\w+(?: \w+)? (?:arrives?|is (?:on|at|now|due|scheduled|coming)|leaves?|departs?|ships?|will (?:arrive|be (?:delivered|there|ready|with you)))\b|opens? (?:from|until|till|between|monday|all|daily|at|DAY (?:to|till|until|through)|mon) "
    r"|(?:send|sending|email|mail|text|post|forward|upload) (?:(?:you|me|us|him|her|them) )?(?:it|them|the|an?(?! (?:technician|man|guy|colleague|engineer|plumber|driver))|that|over|out|this|those|some) (?:\w+ ){0,4}(?:on |by |before |for )?(?:DAY|HOUR)|(?:text|email|mail) (?:you|me|us) (?:\w+ ){0,3}(?:DAY|HOUR)"
    r"|(?:we're|we are|office is|shop is|they're|it's|showroom is|patio is|patio's) (?:only |also |always )?(?:open|closed)\b"
    r"|(?:the|my|our|your|his|her|their) (?!last |next |first |earliest |only |other |final )(?:\w+ )?(?:meeting|appointment|booking|viewing|lesson|reservation|session|interview|blood test) (?:\w+ ){0,3}(?:on |at |for |is )?(?:DAY|HOUR)"
    r"|(?:(?:i|we|she|he|they|who) had|(?:i|she|he|they|who) (?:have|has|'ve got|'s got)) (?:a|an|another|our|my|the|this) (?!free|open|slot|spot|gap|cancel|place|space|table)(?:\w+ )?(?:meeting|appointment|booking|call|test|viewing|lesson|interview|exam|thing|class|course|flight)\b (?:\w+ ){0,5}(?:DAY|HOUR)"
    r"|(?:i'm|we're|she's|he's) (?:already )?(?:booked in|booked|down) (?:\w+ ){0,3}(?:DAY|HOUR)"
    r"|(?:i|we|she|he|they|jim|doctor|fiona|everyone|everybody) (?:usually |always |normally |only |just |don't |never |still |generally )?(?:pick up|collect|drop off|feed|teach|eat|eats|sleep|finish|start|starts|finishes|get (?:off|out|home|in|back|up|the kids)|gets (?:off|out|home|in|back|up)|leave|leaves|arrive|arrives|land|lands|work|works|knock off|clock off|open|close|am back|fly|flies|drive|travel|move out|moves out) (?:\w+ )*(?:DAY|HOUR)"
    r"|(?:people (?:usually|often|normally)|(?:some|most|other) (?:people|customers|clients)|every|each|usually|always|normally|generally)\b"
    r"|(?:by|before|no later than|until|till|since) DAY\b(?! (?:at )?HOUR (?:works|is fine))"
    r"|(?:inbox|mailbox|expires?|deadline|invoice|payment|statement|offer (?:ends|is valid)|valid|due|renewal|switched|software|update|updates) (?:\w+ ){0,4}(?:DAY|HOUR)"
    r"|(?:is|are|be|'s) flying|going to (?:the|a|my)|for (?:the )?holidays?)\b"
)
_BUSY = re.compile(
    rf"\b(?:{_KIN}(?:'s| is| has| was| gets| had| leaves| arrives| works| finishes| starts| comes)"
    r"|(?:i'm|we're|she's|he's|they're|i am|he'll be|she'll be) (?:\w+ ){0,3}(?:in (?:a |an |the )?(?!town|area|there|the area|office)\w+|at (?:the |a |my )?(?!HOUR|DAY)\w+|on (?:a |the )?(?:plane|shift|holiday|train|road|call)|back|off|away|flying|travelling|working|over) (?:\w+ ){0,3}(?:DAY|HOUR)"
    r"|(?:i've|i have|we've|she's|he's|they've) got (?!\d|HOUR|DAY|10|11|no |nothing|you|him|her|it|that|one|them|an? (?:slot|opening|free|gap|space|spot|place|window|cancel|table)|free|time|room)(?:\w+ ){1,4}(?:on |at )?(?:DAY|HOUR)"
    r"|(?:closed|closes) (?:\w+ ){0,2}DAY|DAY (?:we're|is|are|they're) closed|getting married|(?:she's|he's|they're) (?:with|seeing|having|due|taking|playing) (?:\w+ ){0,4}(?:on |at )?(?:DAY|HOUR)|going to (?:the|a|my)|(?:is|are|be|'s|'m|'re|boss|husband|wife|he|she) (?:flying|travelling|moving|leaving) (?:to|for|on|off))\b"
)

_ASKS = re.compile(
    r"^(?:(?:ok|so|and|but|well|then|yes|yeah|right|now|great|perfect|good|sure|no|oh|or|maybe|alternatively|hello|hi) ,? ?)*"
    r"(?:what|when|where|which|who|why|how|could|can|would|will|do|does|did|is|are|am"
    r"|shall|should|may|might|have you|has|any chance|was|were)\b(?! (?:do$|lah|be (?:fine|great|good|perfect|lovely)))"
)


def without_false_noes(text: str) -> str:
    """With the noes blotted out that refuse nothing: `no problem`, `can't wait`."""
    return _NO_REFUSAL.sub(lambda it: "_" * len(it[0]), text)


def acts(text: str) -> Act:
    """All that the clause does."""
    found = Act.NOTHING
    if _NO_THANKS.fullmatch(text):
        return Act.REFUSE | Act.THANKS
    plain = without_false_noes(text)
    for act, pattern in _ACTS:
        if act in (Act.REFUSE, Act.CANCEL):
            there = bool(pattern.search(plain))
        elif act in (Act.YES, Act.GOOD, Act.COMMIT, Act.BOOKED):
            there = any(
                not _NEGATED.search(plain[: it.start()])
                for it in pattern.finditer(text)
            )
        else:
            there = bool(pattern.search(text))
        if there:
            found |= act
    if text.startswith("if "):
        found &= ~(Act.YES | Act.GOOD | Act.COMMIT | Act.BOOKED)
    if _ASIDE.search(text) and not text.startswith(("so we agreed", "so that's")):
        found |= Act.ASIDE
    if _FACT.search(text):
        found |= Act.FACT
    if _BUSY.search(text):
        found |= Act.FACT | Act.BUSY
    return found


def is_question(text: str, sign: str) -> bool:
    """`sign` is what ended the clause; recognisers write none."""
    return sign == "?" or (sign != "." and bool(_ASKS.match(text)))
